package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.error.AgentException;
import java.util.HashMap;
import java.util.Map;

/** One load of one volume, from its first step to its last. */
final class PostgresLoad {
  private final LoadContext context;
  private final String fingerprint;

  PostgresLoad(LoadContext context, String fingerprint) {
    this.context = context;
    this.fingerprint = fingerprint;
  }

  LoadResult fromServer(PostgresUrl url, SourceServer source) throws InterruptedException {
    LoadFailure.requireRoom(context.request(), source.dataBytes());
    begin();
    new BaseBackup(context, url, source).run();
    context.listener().progress("check", 0, 0);
    Map<String, String> carried = new HashMap<>(ServerConfig.sanitized(source.settings()));
    String wanted =
        context.request().database().isEmpty() ? url.database() : context.request().database();
    try (PrivateServer server =
        PrivateServer.start(
            context, source.superuser(), carried, Map.of("autovacuum", "off", "fsync", "off"))) {
      return new Finish(context, server, wanted).run(fingerprint, source.superuser(), carried);
    } catch (AgentException e) {
      throw LoadFailure.explain(context.request(), e);
    }
  }

  LoadResult fromDump(DumpFile dump) throws InterruptedException {
    LoadFailure.requireRoom(context.request(), dump.bytes());
    begin();
    DumpRestore restore = new DumpRestore(context, dump);
    restore.initialise();
    Map<String, String> carried = new HashMap<>();
    try (PrivateServer server =
        PrivateServer.start(context, DumpRestore.SUPERUSER, carried, DumpRestore.FAST)) {
      restore.run(server);
      return new Finish(context, server, context.request().database())
          .run(fingerprint, DumpRestore.SUPERUSER, carried);
    } catch (AgentException e) {
      throw LoadFailure.explain(context.request(), e);
    }
  }

  /** What lies in the volume is never emptied, and brought into our layout by renaming. */
  LoadResult fromVolume(AdoptionPlan plan) throws InterruptedException {
    context.listener().progress("adopt", 0, 0);
    context.runtime().endTools(context.mount().key());
    new Adoption(context.layout(), context.owner(), plan).run();
    Map<String, String> settings = new HashMap<>(plan.settings());
    settings.putAll(ControlSettings.of(context));
    Map<String, String> carried = new HashMap<>(ServerConfig.sanitized(settings));
    context.listener().progress("recover", 0, 0);
    // fsync stays on: if the host dies now, these data are not made anew by a repeat.
    try (PrivateServer server =
        PrivateServer.start(
            context, new FirstRole(), carried, ServerConfig.ofRecovery(plan.version()))) {
      Adoption.requireOwnLinks(context.layout());
      LoadResult result =
          new Finish(context, server, context.request().database())
              .run(fingerprint, server.superuser(), carried);
      VolumeLayout.removeTree(context.layout().adopting());
      return result;
    } catch (AgentException e) {
      throw LoadFailure.explain(context.request(), e);
    }
  }

  private void begin() throws InterruptedException {
    context.runtime().endTools(context.mount().key());
    context.layout().reset(context.owner());
  }
}
