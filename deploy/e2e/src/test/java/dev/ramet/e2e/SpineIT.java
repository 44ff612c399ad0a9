package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Image;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.Operation;
import dev.ramet.client.Revision;
import dev.ramet.client.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The main job: an image of a server that is being written to, and clones of it on several hosts.
 */
final class SpineIT {
  private static final Duration READY = Duration.ofMinutes(1);
  private static Lab lab;
  private static SourceServer source;
  private static Image image;

  @BeforeAll
  static void buildAnImageOfALiveServer() throws IOException {
    lab = Lab.start(Lab.Plan.of("spine"));
    source = lab.source(2);
    image = lab.buildEverywhere("app", source);
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingOfTheClonesIsLeft() {
    try {
      lab.assertHoldsOnlyTheReady(READY);
    } finally {
      lab.deleteAllClones();
    }
    lab.assertNothingLeft();
  }

  @Test
  void theImageIsOnBothHostsAndTheSourceWasWrittenToMeanwhile() {
    Revision revision = image.revisions().getFirst();
    assertThat(source.writesGoOn()).isTrue();
    assertThat(revision.state()).isEqualTo(Revision.State.READY);
    assertThat(revision.engineVersion()).isEqualTo(SourceServer.major());
    assertThat(revision.database()).isEqualTo("shop");
    assertThat(revision.replicas())
        .extracting(replica -> replica.host())
        .containsExactlyInAnyOrderElementsOf(lab.hosts());
    assertThat(revision.source()).doesNotContain(SourceServer.PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void clonesAreWritableAndSeenByNobodyElse(String runtime) throws Exception {
    Map<String, String> before = checksums();
    List<Clone> clones = new ArrayList<>();
    for (String host : lab.hosts()) {
      clones.add(create("one-" + host, runtime, host));
      clones.add(create("two-" + host, runtime, host));
    }
    for (Clone clone : clones) {
      try (Database database = Database.connect(clone.url().reveal())) {
        database.execute("UPDATE note SET words = 'of " + clone.name() + "' WHERE id = 1");
        database.execute(
            "INSERT INTO pgbench_history (tid, filler) SELECT 1, 'x' FROM generate_series(1,"
                + " 20000)");
        database.execute("CHECKPOINT");
      }
    }
    for (Clone clone : clones) {
      try (Database database = Database.connect(clone.url().reveal())) {
        assertThat(database.value("SELECT words FROM note WHERE id = 1"))
            .isEqualTo("of " + clone.name());
      }
    }
    assertThat(checksums()).isEqualTo(before);
    try (Database fresh = Database.connect(create("fresh", runtime, "").url().reveal())) {
      assertThat(fresh.value("SELECT words FROM note WHERE id = 1")).isEqualTo("from the source");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aCloneStartsWithoutRecoveryAndItsDataAreSound(String runtime) throws Exception {
    Clone clone = create("sound", runtime, "");
    List<String> log = new ArrayList<>();
    lab.client().clones().readLog("sound", 1000, false, log::add);
    assertThat(log).isNotEmpty();
    assertThat(log)
        .noneMatch(
            line -> line.contains("not properly shut down") || line.contains("automatic recovery"))
        .noneMatch(line -> line.contains("ERROR") || line.contains("PANIC"));
    try (Database database = Database.connect(clone.url().reveal())) {
      // every balance is the sum of its history: the image is of one instant
      assertThat(
              database.value(
                  "SELECT (SELECT coalesce(sum(delta), 0) FROM pgbench_history) = (SELECT"
                      + " sum(bbalance) FROM pgbench_branches) AND (SELECT sum(abalance) FROM"
                      + " pgbench_accounts) = (SELECT sum(bbalance) FROM pgbench_branches)"))
          .isEqualTo("t");
      assertThat(Integer.parseInt(database.value("SELECT count(*) FROM pgbench_history")))
          .isPositive();
    }
    Command check =
        Command.run(
            Map.of("PGPASSWORD", clone.password().reveal()),
            Duration.ofMinutes(2),
            List.of(
                SourceServer.programs().resolve("pg_amcheck").toString(),
                "--all",
                "--install-missing",
                "--heapallindexed",
                "--no-password",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(clone.endpoint().port()),
                "-U",
                clone.user()));
    assertThat(check.lines()).as("pg_amcheck").isEmpty();
    assertThat(check.exit()).isZero();
  }

  @Test
  void placementSpreadsClonesOverTheHosts() {
    List<Clone> clones = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clones.add(create("spread-" + i, "process", ""));
    }
    Map<String, Long> byHost =
        clones.stream().collect(Collectors.groupingBy(Clone::host, Collectors.counting()));
    assertThat(byHost).hasSize(2).allSatisfy((host, count) -> assertThat(count).isEqualTo(2));
    assertThat(clones.getLast().placement().candidates()).hasSize(2);
  }

  @Test
  void engineOptionsReachTheDatabase() throws Exception {
    CloneSpec spec =
        CloneSpec.of("app:1").withRuntime("process").withEngineOptions(Map.of("work_mem", "7MB"));
    Clone clone = lab.client().clones().create("tuned", spec).await(READY);
    try (Database database = Database.connect(clone.url().reveal())) {
      assertThat(database.value("SHOW work_mem")).isEqualTo("7MB");
    }
  }

  @Test
  void theBuildsOperationTellsHowManyBytesItMoved() {
    Operation build =
        lab.client().operations().list(100).stream()
            .filter(operation -> operation.target().equals("app:1"))
            .findFirst()
            .orElseThrow();
    assertThat(build.done()).isTrue();
    assertThat(build.steps())
        .filteredOn(step -> step.name().equals("base-backup"))
        .singleElement()
        .satisfies(step -> {
          assertThat(step.bytesDone()).isGreaterThan(10 << 20);
          assertThat(step.bytesTotal()).isGreaterThanOrEqualTo(step.bytesDone());
        });
  }

  @Test
  void psqlIsOpenedOnAClone() throws Exception {
    create("asked", "process", "");
    Command asked =
        lab.cli(
            "clone", "psql", "asked", "--", "-At", "-c", "SELECT 'it''s ' || current_database()");
    assertThat(asked.out()).as(asked.err()).isEqualTo("it's shop\n");
    assertThat(asked.exit()).isZero();
    Command wrong = lab.cli("clone", "psql", "asked", "--", "-c", "SELECT nonsense");
    assertThat(wrong.exit()).as("psql's own").isEqualTo(1);
    assertThat(wrong.err()).contains("nonsense");
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aNameMayHave63Characters(String runtime) throws Exception {
    Clone clone = create("n".repeat(63), runtime, "");
    try (Database database = Database.connect(clone.url().reveal())) {
      assertThat(database.value("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void anInstanceOutlivesItsAgent() throws Exception {
    Clone process = create("stays-process", "process", lab.hosts().getFirst());
    Clone docker = create("stays-docker", "docker", lab.hosts().getFirst());
    Part agent = lab.agent(lab.hosts().getFirst());
    try (Database one = Database.connect(process.url().reveal());
        Database other = Database.connect(docker.url().reveal())) {
      agent.kill();
      assertThat(one.value("SELECT 1")).isEqualTo("1");
      assertThat(other.value("SELECT 1")).isEqualTo("1");
      agent.start();
      agent.awaitUp(Lab.UP);
      lab.awaitHosts();
      assertThat(one.value("SELECT 1")).isEqualTo("1");
      assertThat(other.value("SELECT 1")).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"custom", "custom.zst", "directory", "plain", "plain.gz"})
  void anImageCanBeMadeOfADump(String form) throws Exception {
    String name = "dump-" + form.replace('.', '-');
    Path file = lab.dir().resolve(name + (form.startsWith("plain") ? ".sql" : ".dump"));
    source.dump(file, "--format=" + form.replaceAll("\\..*", ""));
    if (form.endsWith(".gz")) {
      Command.run("gzip", file.toString()).orFail();
      file = Path.of(file + ".gz");
    } else if (form.endsWith(".zst")) {
      Command.run("zstd", "-q", "--rm", file.toString()).orFail();
      file = Path.of(file + ".zst");
    }
    lab.client()
        .images()
        .build(ImageBuild.of(name, Secret.of(file.toString())))
        .await(Duration.ofMinutes(3));
    try {
      Clone clone =
          lab.client()
              .clones()
              .create("of-" + name, CloneSpec.of(name).withRuntime("process"))
              .await(READY);
      try (Database database = Database.connect(clone.url().reveal())) {
        assertThat(database.value("SELECT words FROM note")).isEqualTo("from the source");
        assertThat(database.value("SELECT count(*) FROM pgbench_accounts")).isEqualTo("200000");
      }
    } finally {
      lab.deleteAllClones();
      lab.client().images().delete(name).await(READY);
    }
  }

  private static Clone create(String name, String runtime, String host) {
    return lab.client()
        .clones()
        .create(name, CloneSpec.of("app").withRuntime(runtime).withHost(host))
        .await(READY);
  }

  /** Of each snapshot file in all pools. */
  private static Map<String, String> checksums() throws Exception {
    Map<String, String> sums = new TreeMap<>();
    for (String host : lab.hosts()) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(lab.pool(host).resolve("snapshots"))) {
        for (Path file : files) {
          sums.put(host + "/" + file.getFileName(), checksum(file));
        }
      }
    }
    assertThat(sums).isNotEmpty();
    return sums;
  }

  private static String checksum(Path file) throws Exception {
    // by its data: a sparse file has far more holes than one would want to read
    Process tar =
        new ProcessBuilder(
                "tar",
                "--sparse",
                "-c",
                "-C",
                file.getParent().toString(),
                file.getFileName().toString())
            .start();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream content = tar.getInputStream()) {
      byte[] buffer = new byte[1 << 16];
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    assertThat(tar.waitFor()).isZero();
    return HexFormat.of().formatHex(digest.digest());
  }
}
