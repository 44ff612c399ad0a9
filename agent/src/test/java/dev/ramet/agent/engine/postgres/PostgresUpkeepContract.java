package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.Activity;
import dev.ramet.agent.engine.ClientConnection;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.Instance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What must hold of a server while it runs, on any runtime: it is looked after, and not used. */
abstract class PostgresUpkeepContract extends PostgresEngineContract {
  private static final Duration SOON = Duration.ofSeconds(2);

  @Test
  void lookingIsNoUseAndOneStatementIs() throws Exception {
    // autovacuum at work all the time must not look like use either
    InstanceSpec spec = clone("idle", Map.of("autovacuum_naptime", "1"));
    lab.instances.start(spec);
    long first = lab.instances.activity("idle").use();
    for (int reading = 0; reading < 20; reading++) {
      lab.instances.checkpoint("idle");
      Activity again = lab.instances.activity("idle");
      assertThat(again.use()).as("reading %d", reading).isEqualTo(first);
      assertThat(again.connections()).isEmpty();
      assertThat(again.running()).isZero();
      Thread.sleep(100);
    }
    query(spec, "shop", "SELECT 1");
    assertThat(useAfter("idle", first)).isGreaterThan(first);
  }

  private long useAfter(String id, long before) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    long use = before;
    while (use == before && System.nanoTime() < deadline) {
      use = lab.instances.activity(id).use();
    }
    return use;
  }

  @Test
  void aClientIsSeenWithWhatItDoes() throws Exception {
    InstanceSpec spec = clone("used", Map.of());
    lab.instances.start(spec);
    Instant before = Instant.now().minusMillis(1);
    try (Connection client = connect(spec);
        Statement statement = client.createStatement()) {
      statement.execute("SET application_name = 'ramet'");
      ClientConnection idle = onlyClient("used");
      assertThat(idle.client()).isEqualTo("127.0.0.1");
      assertThat(idle.user()).isEqualTo(EngineLab.USER);
      assertThat(idle.database()).isEqualTo("shop");
      assertThat(idle.application()).as("its name hides nobody").isEqualTo("ramet");
      assertThat(idle.state()).isEqualTo("idle");
      assertThat(idle.since()).isBetween(before, Instant.now());
      assertThat(idle.lastQuery()).isBetween(idle.since(), Instant.now());
      Thread sleeping = Thread.ofVirtual().start(() -> sleep(statement));
      awaitRunning("used", 1);
      statement.cancel();
      sleeping.join();
      awaitRunning("used", 0);
      assertThat(onlyClient("used").lastQuery()).isAfter(idle.lastQuery());
    }
  }

  private static Connection connect(InstanceSpec spec) throws Exception {
    return SourcePostgres.connect(
        "127.0.0.1", spec.port(), EngineLab.USER, EngineLab.PASSWORD.value(), "shop");
  }

  private ClientConnection onlyClient(String id) throws Exception {
    Activity activity = lab.instances.activity(id);
    assertThat(activity.connections()).hasSize(1);
    return activity.connections().getFirst();
  }

  private static void sleep(Statement statement) {
    assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
        .hasMessageContaining("user request");
  }

  private void awaitRunning(String id, int count) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (lab.instances.activity(id).running() != count) {
      assertThat(System.nanoTime()).as("%d running", count).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void aCheckpointIsMadeThoughTheUsualDatabasesAreGone() throws Exception {
    InstanceSpec spec = clone("checked", Map.of("checkpoint_timeout", "1h"));
    lab.instances.start(spec);
    try (Connection client = connect(spec);
        Statement statement = client.createStatement()) {
      statement.execute("ALTER DATABASE postgres RENAME TO gone");
      statement.execute("ALTER DATABASE template1 WITH ALLOW_CONNECTIONS false");
    }
    String redo = query(spec, "shop", "SELECT redo_lsn FROM pg_control_checkpoint()");
    lab.instances.checkpoint("checked");
    assertThat(query(spec, "shop", "SELECT redo_lsn FROM pg_control_checkpoint()"))
        .isNotEqualTo(redo);
    lab.instances.checkpoint("checked");
  }

  @Test
  void oneThatIsNotThereOrDeadIsToldApart() throws Exception {
    assertRefused(AgentError.NOT_FOUND, () -> lab.instances.checkpoint("nobody"));
    assertRefused(AgentError.NOT_FOUND, () -> lab.instances.activity("nobody"));
    assertRefused(AgentError.NOT_FOUND, () -> probe(EngineLab.spec("nobody", 1, Map.of())));
    InstanceSpec spec = clone("dead", Map.of());
    lab.instances.start(spec);
    probe(spec);
    kill("dead");
    assertRefused(AgentError.INSTANCE_NOT_READY, () -> lab.instances.checkpoint("dead"));
    assertRefused(AgentError.INSTANCE_NOT_READY, () -> lab.instances.activity("dead"));
    assertRefused(AgentError.INSTANCE_NOT_READY, () -> probe(spec));
  }

  private void probe(InstanceSpec spec) throws InterruptedException {
    lab.instances.probe(spec.pool(), spec.id(), spec.engine(), spec.port());
  }

  private static void assertRefused(AgentError error, ThrowingCallable call) {
    AgentException told = catchThrowableOfType(AgentException.class, call);
    assertThat(told).isNotNull();
    assertThat(told.error()).as(told.getMessage()).isEqualTo(error);
  }

  @Test
  void onPortZeroItListensOnNoNetworkAndIsWholeAllTheSame() throws Exception {
    clone("unheard", Map.of());
    InstanceSpec spec = EngineLab.spec("unheard", 0, Map.of());
    Instance started = lab.instances.start(spec);
    assertThat(started.state()).isEqualTo(Instance.State.RUNNING);
    assertThat(started.port()).isZero();
    assertThat(lab.instances.start(spec).handle()).isEqualTo(started.handle());
    assertThat(local("unheard", "SHOW listen_addresses")).isEmpty();
    assertThat(local("unheard", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'ramet'"))
        .isEqualTo("t");
    assertThat(local("unheard", "SELECT count(*) FROM quick")).isEqualTo("1000");
    lab.instances.checkpoint("unheard");
    assertThat(lab.instances.activity("unheard").connections()).isEmpty();
    lab.instances.delete("unheard", Duration.ofSeconds(10));
    assertThat(ControlFile.state(folder.resolve("pool/unheard/data"))).isEqualTo(1);
  }

  @Test
  void locksOfAServerThatRanWhenTheVolumeWasCopiedAreDropped() throws Exception {
    InstanceSpec spec = clone("copied", Map.of());
    Path volume = folder.resolve("pool/copied");
    List<String> alive = Files.readAllLines(folder.resolve("source/data/postmaster.pid"));
    Files.write(volume.resolve("run/.s.PGSQL.%d.lock".formatted(spec.port())), alive);
    Files.write(volume.resolve("data/postmaster.pid"), alive);
    lab.instances.start(spec);
    assertThat(query(spec, "shop", "SELECT count(*) FROM quick")).isEqualTo("1000");
  }

  private String local(String id, String sql) throws Exception {
    Path run = folder.resolve("pool").resolve(id).resolve("run");
    try (Connection connection = LocalConnection.openUncounted(run, 5432, "postgres", "shop");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
