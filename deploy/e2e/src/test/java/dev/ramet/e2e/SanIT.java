package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.Secret;
import dev.ramet.client.StorageArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clones that an array makes: a production volume on a real target, two hosts that attach by iSCSI,
 * real databases.
 */
final class SanIT {
  private static final Duration READY = Duration.ofMinutes(1);
  private static final Duration BUILT = Duration.ofMinutes(2);
  private static Lab lab;
  private static String arrayHost;
  private static SourceServer production;

  @BeforeAll
  static void buildAnImageFromTheVolumeOfARunningServer() throws Exception {
    lab = Lab.start(Lab.Plan.of("san").withSan());
    arrayHost = lab.hosts().getFirst();
    Path volume = lab.target(arrayHost).resolve("sources/PROD-VOL");
    Files.createDirectories(volume.getParent());
    Command.run("truncate", "--size=1G", volume.toString()).orFail();
    Command.run("mkfs.ext4", "-q", "-F", "-b", "4096", volume.toString()).orFail();
    Path mounted = Files.createDirectories(lab.dir().resolve("production"));
    Command.run("mount", "-o", "loop", volume.toString(), mounted.toString()).orFail();
    production = lab.durableSource(mounted.resolve("pg"), 2);
    String endpoint = "grpc://127.0.0.1:" + lab.agent(arrayHost).port();
    lab.cli("array", "add", "lab", "--driver", "linux-target", "--endpoint", endpoint).orFail();
    lab.client().images().build(ImageBuild.of("app", Secret.of("san://lab/PROD-VOL"))).await(BUILT);
    assertThat(production.writesGoOn()).isTrue();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    lab.deleteAllClones();
    Eventually.holds(
        "nothing is left of clones",
        Duration.ofSeconds(30),
        () ->
            lab.etcd().keys("/ramet/v1/clones/").isEmpty()
                && lab.etcd().keys("/ramet/v1/ports/").isEmpty()
                && lab.traces().ofClones().stream()
                    .allMatch(trace -> trace.contains("sources/PROD-VOL")));
    assertThat(lab.client().arrays().get("lab").volumes()).isEmpty();
    assertThat(initiators()).as("initiators' daemons").isEmpty();
    assertThat(lab.client().arrays().get("lab").snapshots())
        .as("the revision's, and none of what it was made from")
        .hasSize(1);
  }

  @AfterAll
  static void removeEverything() throws IOException {
    if (lab != null) {
      lab.close();
    }
  }

  private static List<String> initiators() {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains("qemu-storage-daemon"))
        .filter(line -> line.contains(lab.dir().toString()))
        .toList();
  }

  private static Clone create(String name, String host) {
    return lab.client()
        .clones()
        .create(name, CloneSpec.of("app").withHost(host).withRuntime("process"))
        .await(READY);
  }

  private static String words(Clone clone) throws Exception {
    try (Database database = Database.connect(clone.url().reveal())) {
      return database.value("SELECT words FROM note WHERE id = 1");
    }
  }

  private static void write(Clone clone, String words) throws Exception {
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute("UPDATE note SET words = '" + words + "' WHERE id = 1");
    }
  }

  private static String checksum() {
    try (Stream<Path> files = Files.list(lab.target(arrayHost).resolve("snapshots"))) {
      Path snapshot = files.findFirst().orElseThrow();
      return Command.run("sha256sum", snapshot.toString()).orFail().out();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void clonesOnAllHostsAreOfTheSameSnapshotAndOfThemselves() throws Exception {
    String before = checksum();
    List<Clone> clones = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clones.add(create("c" + i, lab.hosts().get(i % 2)));
    }
    for (Clone clone : clones) {
      assertThat(words(clone)).isEqualTo("from the source");
      write(clone, "written in " + clone.name());
    }
    for (Clone clone : clones) {
      assertThat(words(clone)).isEqualTo("written in " + clone.name());
    }
    StorageArray array = lab.client().arrays().get("lab");
    assertThat(array.volumes())
        .hasSize(4)
        .allSatisfy(volume -> {
          assertThat(volume.initiators()).hasSize(1);
        });
    assertThat(array.snapshots()).hasSize(1);
    assertThat(lab.cli("array", "show", "lab").orFail().out()).contains("c0.", "iqn.");
    assertThat(lab.cli("admin", "check").orFail().err()).contains("hosts and records agree");
    lab.deleteAllClones();
    assertThat(checksum()).as("the array's snapshot").isEqualTo(before);
  }

  @Test
  void aCloneOfAnArrayLivesAsAllOthersDo() throws Exception {
    Clone clone = create("c", lab.hosts().getLast());
    write(clone, "to be kept");
    lab.cli("clone", "save", "c", "s").orFail();
    write(clone, "to be forgotten");
    lab.cli("clone", "restore", "c@s", "--force").orFail();
    assertThat(words(clone)).as("restored, at the same address").isEqualTo("to be kept");
    Clone branch = lab.client().clones().get("c");
    lab.cli("clone", "create", "branch", "--from", "c@s").orFail();
    assertThat(words(lab.client().clones().get("branch"))).isEqualTo("to be kept");
    lab.cli("clone", "rm", "branch", "--force").orFail();
    lab.cli("clone", "stop", "c", "--force").orFail();
    assertThat(lab.client().arrays().get("lab").volumes())
        .allSatisfy(volume -> assertThat(volume.initiators()).isEmpty());
    assertThat(lab.cli("admin", "check").orFail().err()).contains("hosts and records agree");
    lab.cli("clone", "start", "c").orFail();
    assertThat(words(clone)).isEqualTo("to be kept");
    lab.cli("clone", "reset", "c", "--to", "app", "--force").orFail();
    assertThat(words(branch)).as("as the image").isEqualTo("from the source");
  }

  @Test
  void anAgentThatIsKilledFindsItsVolumesAgain() throws Exception {
    Clone clone = create("c", lab.hosts().getLast());
    write(clone, "mine");
    Part agent = lab.agent(lab.hosts().getLast());
    agent.kill();
    assertThat(words(clone)).as("without its agent").isEqualTo("mine");
    agent.start();
    agent.awaitUp(READY);
    lab.awaitHosts();
    Eventually.holds(
        "the clone is READY still",
        READY,
        () -> lab.client().clones().get("c").state() == Clone.State.READY);
    assertThat(words(clone)).isEqualTo("mine");
  }

  @Test
  void whatIsNoVolumeOfTheArrayIsRefused() {
    Command missing = lab.cli("image", "build", "other", "--from", "san://lab/NO-SUCH");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.err()).contains("NO-SUCH");
    Command unknown = lab.cli("image", "build", "other", "--from", "san://nowhere/PROD-VOL");
    assertThat(unknown.exit()).isEqualTo(3);
    assertThat(unknown.err()).contains("no array 'nowhere'");
    Command malformed = lab.cli("image", "build", "other", "--from", "san://lab");
    assertThat(malformed.exit()).isEqualTo(2);
    assertThat(malformed.err()).contains("san://ARRAY/VOLUME");
    lab.cli("image", "rm", "other", "--yes");
  }
}
