package dev.ramet.agent.server;

import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.CancelLoadRequest;
import dev.ramet.proto.agent.v1.CancelLoadResponse;
import dev.ramet.proto.agent.v1.EngineServiceGrpc.EngineServiceImplBase;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ProbeSourceRequest;
import dev.ramet.proto.agent.v1.SourceReport;
import dev.ramet.storage.Attachment;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Optional;

/** Looking at sources and loading them into volumes. */
final class EngineEndpoint extends EngineServiceImplBase {
  private final Engines engines;
  private final Pools pools;
  private final Jobs<LoadSourceRequest, LoadProgress> loads;
  private final Replies replies;

  EngineEndpoint(
      Engines engines, Pools pools, Jobs<LoadSourceRequest, LoadProgress> loads, Replies replies) {
    this.engines = engines;
    this.pools = pools;
    this.loads = loads;
    this.replies = replies;
  }

  @Override
  public void probeSource(ProbeSourceRequest request, StreamObserver<SourceReport> out) {
    new Checks()
        .required("engine", request.getEngine())
        .required("source.location", request.getSource().getLocation())
        .done();
    String[] engineAndVersion = request.getEngine().split(":", 2);
    ProbeRequest probe =
        new ProbeRequest(
            engineAndVersion.length == 2 ? engineAndVersion[1] : "",
            new Source(request.getSource().getLocation()),
            request.getRuntime());
    replies.send(out, () -> message(engines.get(engineAndVersion[0]).probe(probe)));
  }

  @Override
  public void loadSource(LoadSourceRequest request, StreamObserver<LoadProgress> out) {
    new Checks()
        .pool("pool", request.getPool())
        .id("volume", request.getVolume())
        .required("engine", request.getEngine())
        .required("source.location", request.getSource().getLocation())
        .done();
    Engine engine = engines.get(request.getEngine());
    Claim volume = Claim.volume(request.getPool(), request.getVolume());
    Job<LoadProgress> load =
        loads.join(volume.what(), request, job -> load(engine, request, job), volume);
    ServerStream.openInterruptibly(out, stream -> load.watch(stream::send));
  }

  @Override
  public void cancelLoad(CancelLoadRequest request, StreamObserver<CancelLoadResponse> out) {
    new Checks().pool("pool", request.getPool()).id("volume", request.getVolume()).done();
    Claim volume = Claim.volume(request.getPool(), request.getVolume());
    replies.send(
        out,
        () -> {
          loads.cancel(volume.what());
          for (Engine engine : engines.all()) {
            engine.endLeftovers(request.getPool(), request.getVolume());
          }
          return CancelLoadResponse.getDefaultInstance();
        });
  }

  private void load(Engine engine, LoadSourceRequest request, Job<LoadProgress> job)
      throws InterruptedException {
    Pool pool = pools.get(request.getPool());
    CowDriver driver = pool.driver();
    LoadResult result =
        engine.load(
            new LoadRequest(
                request.getPool(),
                request.getVolume(),
                root(driver, request),
                request.getEngineVersion(),
                new Source(request.getSource().getLocation()),
                request.getRuntime(),
                request.getDatabase(),
                () -> driver.status().free().bytes()),
            (step, done, total) ->
                job.publish(
                    LoadProgress.newBuilder()
                        .setStep(step)
                        .setBytesDone(done)
                        .setBytesTotal(total)
                        .build()));
    job.publish(LoadProgress.newBuilder().setResult(message(result)).build());
  }

  private static Path root(CowDriver driver, LoadSourceRequest request) {
    Optional<Volume> found = driver.findVolume(new VolumeId(request.getVolume()));
    boolean holdsTheData = new Source(request.getSource().getLocation()).isInVolume();
    if (!holdsTheData && found.flatMap(Volume::originIfAny).isPresent()) {
      throw new AgentException(
          AgentError.ALREADY_EXISTS,
          "volume '%s' is a clone of '%s': only a volume that was made empty can be loaded"
              .formatted(request.getVolume(), found.get().originIfAny().get().value()));
    }
    return found
        .flatMap(Volume::attachmentIfAny)
        .map(Attachment::path)
        .orElseThrow(() ->
            new AgentException(
                AgentError.NOT_FOUND,
                "volume '%s' is not attached: attach it before it is loaded"
                    .formatted(request.getVolume())));
  }

  private static SourceReport message(dev.ramet.agent.engine.SourceReport report) {
    return SourceReport.newBuilder()
        .setForm(
            switch (report.form()) {
              case SERVER -> SourceReport.Form.SERVER;
              case DUMP -> SourceReport.Form.DUMP;
            })
        .setEngine(report.engine())
        .setEngineVersion(report.engineVersion())
        .setSourceVersion(report.sourceVersion())
        .setDataBytes(report.dataBytes())
        .setDescription(report.description())
        .build();
  }

  private static dev.ramet.proto.agent.v1.LoadResult message(LoadResult result) {
    return dev.ramet.proto.agent.v1.LoadResult.newBuilder()
        .setEngineVersion(result.engineVersion())
        .setDatabase(result.database())
        .addAllDatabases(result.databases())
        .setDataBytes(result.dataBytes())
        .build();
  }
}
