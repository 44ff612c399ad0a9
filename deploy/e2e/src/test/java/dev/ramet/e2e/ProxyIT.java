package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Proxy;
import dev.ramet.client.ProxySwitch;
import dev.ramet.client.RametException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections through coordinator and agent to real databases. */
@Timeout(180)
final class ProxyIT {
  private static final Duration READY = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int MANY = 80; // PostgreSQL takes 100
  private static Lab lab;

  private final List<RametException> failures = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void buildAnImage() throws Exception {
    lab = Lab.start(Lab.Plan.of("proxy").withHosts(1).withCoordinators(2));
    lab.buildEverywhere("app", lab.source(1));
    create("fix");
    create("try");
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingIsConnectedAnyMore() {
    Eventually.holds(
        "no connection is left at the server",
        SOON,
        () -> {
          try (Database direct = Database.connect(url("fix"))) {
            return direct
                .value(
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                        + " AND pid <> pg_backend_pid() AND application_name = 'PostgreSQL JDBC"
                        + " Driver'")
                .equals("0");
          }
        });
  }

  @Test
  void manyConnectionsAtOnceAreAllServed() throws Exception {
    try (Proxy proxy = open("fix");
        ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch connected = new CountDownLatch(MANY);
      List<Future<String>> all = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        String number = Integer.toString(i);
        all.add(
            users.submit(() -> {
              try (Database database = through(proxy, "fix")) {
                connected.countDown();
                assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
                return database.value(
                    "SELECT " + number + " || ' ' || md5(repeat('x', 100000 + " + number + "))");
              }
            }));
      }
      List<String> answers = new ArrayList<>();
      for (Future<String> one : all) {
        answers.add(one.get().split(" ")[0]);
      }
      assertThat(answers).hasSize(MANY).doesNotHaveDuplicates();
      assertThat(failures).isEmpty();
      Eventually.holds("all have left", SOON, () -> proxy.connections() == 0);
    }
  }

  @Test
  void whoReadsSlowlySlowsTheServerDownAndMissesNothing() throws Exception {
    try (Proxy proxy = open("fix");
        CopyOfRows copy = CopyOfRows.begin(throughUrl(proxy, "fix"), 100_000);
        Database direct = Database.connect(url("fix"))) {
      Eventually.holds(
          "the server waits for its reader",
          SOON,
          () ->
              direct
                  .value(
                      "SELECT coalesce(string_agg(wait_event, ' '), '') FROM pg_stat_activity WHERE"
                          + " query LIKE 'COPY%'")
                  .equals("ClientWrite"));
      // others are not held up by it
      try (Database other = through(proxy, "fix")) {
        assertThat(other.value("SELECT 1")).isEqualTo("1");
      }
      assertThat(copy.rest()).isEqualTo(100_000L * CopyOfRows.ROW);
    }
  }

  @Test
  void aLargeUploadArrivesWhole() throws Exception {
    try (Proxy proxy = open("fix");
        Database database = through(proxy, "fix")) {
      String sent = "y".repeat(20 << 20);
      assertThat(database.value("SELECT length('" + sent + "')"))
          .isEqualTo(Integer.toString(sent.length()));
    }
  }

  @Test
  void theServersLastWordsReachTheClient() throws Exception {
    try (Proxy proxy = open("fix");
        Database database = through(proxy, "fix");
        Database direct = Database.connect(url("fix"))) {
      String pid = database.value("SELECT pg_backend_pid()");
      direct.value("SELECT pg_terminate_backend(" + pid + ")");
      SQLException end = catchThrowableOfType(SQLException.class, () -> database.value("SELECT 1"));
      assertThat(end.getSQLState()).as("%s", end).isEqualTo("57P01");
    }
  }

  @Test
  void aServerThatIsKilledEndsItsConnectionsAndIsReachedAgain() throws Exception {
    try (Proxy proxy = open("try");
        ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      Database database = through(proxy, "try");
      String postmaster =
          database.value("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
      Future<String> asked = users.submit(() -> database.value("SELECT pg_sleep(60)"));
      Eventually.pause(Duration.ofMillis(300));
      Command.run("kill", "-9", postmaster).orFail();
      assertThatThrownBy(() -> asked.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SQLException.class);
      reachable(proxy, "try");
    }
  }

  @Test
  void aSwitchClosesWhatIsConnectedAndLeadsToTheOtherClone() throws Exception {
    try (Database fix = Database.connect(url("fix"));
        Database other = Database.connect(url("try"))) {
      fix.execute("UPDATE note SET words = 'of fix'");
      other.execute("UPDATE note SET words = 'of try'");
    }
    try (Proxy proxy = open("fix")) {
      List<Database> before = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        before.add(through(proxy, "fix"));
      }
      assertThat(before.getFirst().value("SELECT words FROM note")).isEqualTo("of fix");
      ProxySwitch done = proxy.switchTo("try");
      assertThat(done.closed()).isEqualTo(20);
      assertThat(done.from()).isEqualTo("fix");
      assertThat(done.elapsed()).isLessThan(Duration.ofSeconds(1));
      for (Database old : before) {
        assertThatThrownBy(() -> old.value("SELECT 1")).isInstanceOf(SQLException.class);
      }
      try (Database after = through(proxy, "try")) {
        assertThat(after.value("SELECT words FROM note")).isEqualTo("of try");
      }
      assertThatThrownBy(() -> proxy.switchTo("none"))
          .isInstanceOfSatisfying(
              RametException.class, e -> assertThat(e.code()).isEqualTo("CLONE_NOT_FOUND"));
      try (Database after = through(proxy, "try")) {
        assertThat(after.value("SELECT 1")).isEqualTo("1");
      }
    }
  }

  @Test
  void anAgentOrACoordinatorThatWasKilledIsReachedAgain() throws Exception {
    try (Proxy proxy = open("fix")) {
      Part agent = lab.agent(lab.hosts().getFirst());
      Database database = through(proxy, "fix");
      agent.kill();
      assertThatThrownBy(() -> database.value("SELECT 1")).isInstanceOf(SQLException.class);
      agent.start();
      agent.awaitUp(Lab.UP);
      reachable(proxy, "fix");

      Database again = through(proxy, "fix");
      Part coordinator = lab.coordinators().getFirst();
      coordinator.kill();
      assertThatThrownBy(() -> again.value("SELECT 1")).isInstanceOf(SQLException.class);
      reachable(proxy, "fix"); // by the other one
      coordinator.start();
      coordinator.awaitUp(Lab.UP);
    }
  }

  @Test
  void aCloneThatIsRenamedIsFollowed() throws Exception {
    create("before");
    int port = Part.freePort();
    Part proxy = lab.proxy("before", port);
    proxy.start();
    try {
      Eventually.holds("it listens", SOON, () -> proxy.tail(1).contains("leads to before"));
      String url = url("before").replaceFirst("@[^/]+/", "@127.0.0.1:" + port + "/");
      try (Database old = Database.connect(url)) {
        lab.cli("clone", "rename", "before", "after").orFail();
        create("before"); // another one, which is not meant
        assertThat(old.value("SELECT 1")).isEqualTo("1");
        try (Database next = Database.connect(url)) {
          assertThat(next.value("SELECT 1")).isEqualTo("1");
        }
      }
      Eventually.holds(
          "it is told", SOON, () -> proxy.tail(1).startsWith("clone before is called after now"));
      assertThat(lab.cli("proxy", "ls").orFail().out()).contains("localhost:" + port + "  after");

      lab.delete("after");
      create("after"); // made again: its name leads there, its password is another one
      String again = url("after").replaceFirst("@[^/]+/", "@127.0.0.1:" + port + "/");
      try (Database made = Database.connect(again)) {
        assertThat(made.value("SELECT 1")).isEqualTo("1");
      }
    } finally {
      proxy.stop();
      lab.delete("after");
      lab.delete("before");
    }
  }

  @Test
  void whatCannotBeReachedIsTold() throws Exception {
    create("gone");
    try (Proxy proxy = open("gone")) {
      lab.delete("gone");
      assertThatThrownBy(() -> through(proxy, "fix")).isInstanceOf(SQLException.class);
      Eventually.holds("it is told", SOON, () -> !failures.isEmpty());
      assertThat(failures.getFirst().code()).isEqualTo("CLONE_NOT_FOUND");
    }
    assertThatThrownBy(() -> open("gone"))
        .isInstanceOfSatisfying(
            RametException.class, e -> assertThat(e.code()).isEqualTo("CLONE_NOT_FOUND"));
  }

  @Test
  void theCommandLineOpensSwitchesAndFindsProxies() throws Exception {
    int port = Part.freePort();
    Command none = lab.cli("proxy", "switch", "try");
    assertThat(none.err()).startsWith("ramet: no proxy runs: start one with");
    assertThat(none.exit()).isEqualTo(3);
    Part proxy = lab.proxy("fix", port);
    proxy.start();
    try {
      Eventually.holds(
          "it says that it listens",
          SOON,
          () -> proxy.tail(1).equals("localhost:" + port + " leads to fix; Ctrl-C ends it"));
      Database old =
          Database.connect(url("fix").replaceFirst("@[^/]+/", "@127.0.0.1:" + port + "/"));
      Command taken = lab.cli("proxy", "fix", "--port", "" + port);
      assertThat(taken.err()).startsWith("ramet: port " + port + " of 127.0.0.1 cannot be");
      assertThat(taken.exit()).isEqualTo(7);
      Command unknown = lab.cli("proxy", "switch", "none");
      assertThat(unknown.err()).startsWith("ramet: there is no clone 'none'");
      assertThat(unknown.exit()).isEqualTo(3);
      assertThat(old.value("SELECT 1")).isEqualTo("1");
      Command switched = lab.cli("proxy", "switch", "try").orFail();
      assertThat(switched.out())
          .matches("localhost:" + port + " leads to try; 1 connection closed, [0-9]{1,3} ms\n");
      assertThatThrownBy(() -> old.value("SELECT 1")).isInstanceOf(SQLException.class);
      assertThat(lab.cli("proxy", "ls").orFail().out()).contains("localhost:" + port + "  try");
      proxy.kill();
      assertThat(lab.cli("proxy", "ls").orFail().out()).doesNotContain("localhost");
      proxy.start(); // where a socket was left
      Eventually.holds(
          "the second one is listed",
          SOON,
          () -> lab.cli("proxy", "ls").orFail().out().contains("localhost:" + port + "  fix"));
    } finally {
      proxy.stop();
    }
    assertThat(lab.dir().resolve("config/ramet/run")).isEmptyDirectory();
  }

  private static void create(String name) {
    Clone clone =
        lab.client().clones().create(name, CloneSpec.of("app").withRuntime("process")).await(READY);
    assertThat(clone.state()).isEqualTo(Clone.State.READY);
  }

  private Proxy open(String clone) {
    return lab.client().proxies().open(clone, "127.0.0.1", 0, failures::add);
  }

  private static String url(String clone) {
    return lab.client().clones().get(clone).url().reveal();
  }

  /** The clone's own URL with the proxy's address in it. */
  private static String throughUrl(Proxy proxy, String clone) {
    return url(clone).replaceFirst("@[^/]+/", "@127.0.0.1:" + proxy.address().getPort() + "/");
  }

  private static Database through(Proxy proxy, String clone) throws SQLException {
    return Database.connect(throughUrl(proxy, clone));
  }

  private static void reachable(Proxy proxy, String clone) {
    Eventually.holds(
        "clone " + clone + " is reached again",
        READY,
        () -> {
          try (Database database = through(proxy, clone)) {
            return database.value("SELECT 1").equals("1");
          }
        });
  }
}
