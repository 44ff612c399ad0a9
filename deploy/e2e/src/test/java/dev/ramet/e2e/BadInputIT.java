package dev.ramet.e2e;

import static dev.ramet.e2e.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.CloneSpec;
import dev.ramet.client.Image;
import dev.ramet.client.Revision;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bad input through the command line: one clear line, an exit code that is not 0, and nothing left
 * behind.
 */
final class BadInputIT {
  private static final Duration SOON = Duration.ofMinutes(1);

  /** A refusal comes when the host is clean again; what agents see of it may lag a little. */
  private static final Duration LEFTOVERS = Duration.ofSeconds(10);

  private static Lab lab;
  private static SourceServer source;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("bad-input").withAgentSetting("pool.main.size", "1GiB"));
    source = lab.source(1);
    lab.buildEverywhere("app", source);
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    try {
      lab.assertHoldsOnlyTheReady(LEFTOVERS);
    } finally {
      lab.deleteAllClones();
      deleteOtherImages();
    }
    lab.assertHoldsOnlyTheReady(LEFTOVERS);
    assertThat(lab.traces().files("snapshots")).hasSize(2);
    lab.assertNothingLeft();
  }

  private static void deleteOtherImages() {
    for (Image image : lab.client().images().list()) {
      if (!image.name().equals("app")) {
        lab.client().images().delete(image.name()).await(SOON);
      }
    }
  }

  @Test
  void aWrongPassword() {
    refused(build(source.url(SourceServer.WRONG_PASSWORD)), "password");
  }

  @Test
  void anUnreachableSource() {
    refused(build("postgres://shop:x@127.0.0.1:" + Part.freePort() + "/shop"), "127.0.0.1");
  }

  @Test
  void aSourceHostThatDoesNotExist() {
    refused(build("postgres://shop:x@no-such-host.invalid:5432/shop"), "no-such-host.invalid");
  }

  @Test
  void aMissingFile() {
    refused(build("/no/such/file.dump"), "/no/such/file.dump");
  }

  @Test
  void aFileThatIsNoDump() throws IOException {
    Path file = lab.dir().resolve("noise.dump");
    Files.write(file, new byte[] {0, 1, 2, 3, (byte) 0xff, (byte) 0xfe, 7, 7, 7, 7, 0, 0});
    refused(build(file.toString()), "noise.dump");
  }

  @Test
  void aDumpThatEndsInTheMiddle() throws IOException {
    Path whole = source.dump(lab.dir().resolve("whole.dump"), "--format=custom");
    Path cut = lab.dir().resolve("cut.dump");
    byte[] bytes = Files.readAllBytes(whole);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    refused(build(cut.toString()), "corrupt");
  }

  @Test
  void aDumpOfANewerMajorVersion() throws IOException {
    Path dump = source.dump(lab.dir().resolve("newer.sql"), "--format=plain");
    String text = Files.readString(dump);
    Files.writeString(
        dump,
        text.replaceFirst(
                "Dumped from database version [0-9.]+", "Dumped from database version 99.1")
            .replaceFirst("Dumped by pg_dump version [0-9.]+", "Dumped by pg_dump version 99.1"));
    refused(build(dump.toString()), "99");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.org/x",
        "mysql://a:b@127.0.0.1/x",
        "postgres://",
        "relative/path.dump",
        ""
      })
  void aSourceOfNoKnownForm(String location) {
    refused(lab.cli("image", "build", "other", "--from", location));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-x",
        "x-",
        "UPPER",
        "under_score",
        "dot.dot",
        "../up",
        "a/b",
        "a b",
        "it's",
        "\"quoted\"",
        "$(touch /tmp/x)",
        "`id`",
        "a;b",
        "ü",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void aNameThatIsNoDnsLabel(String name) {
    refused(lab.cli("clone", "create", "--image", "app", "--", name));
    refused(lab.cli("image", "build", "--from", source.url(), "--", name));
  }

  @Test
  void anUnknownImage() {
    refused(lab.cli("clone", "create", "c", "--image", "nothing"), "nothing");
  }

  @Test
  void anUnknownRevision() {
    refused(lab.cli("clone", "create", "c", "--image", "app:7"), "7", "app");
  }

  @ParameterizedTest
  @ValueSource(strings = {"app:x", "app:0", "app:-1", "app:1:1", ":1", "app:99999999999999999999"})
  void aRevisionThatIsNoNumber(String image) {
    refused(lab.cli("clone", "create", "c", "--image", image));
  }

  @Test
  void anUnknownHost() {
    refused(lab.cli("clone", "create", "c", "--image", "app", "--host", "nowhere"), "nowhere");
  }

  @Test
  void anUnknownFlagAndAnUnknownCommand() {
    refused(lab.cli("clone", "create", "c", "--image", "app", "--colour", "red"), "--colour");
    refused(lab.cli("clone", "paint"), "paint");
  }

  @Test
  void aCloneThatIsNotThere() {
    refused(lab.cli("clone", "show", "nothing"), "nothing");
    refused(lab.cli("clone", "logs", "nothing"), "nothing");
    refused(lab.cli("image", "show", "nothing"), "nothing");
    refused(lab.cli("host", "show", "nowhere"), "nowhere");
    refused(lab.cli("operation", "show", "nothing"), "nothing");
  }

  @Test
  void aSizeLimitAboveTheVolume() {
    refused(lab.cli("clone", "create", "c", "--image", "app", "--size-limit", "900TiB"));
  }

  @Test
  void aSourceThatDoesNotFitIntoThePool() throws IOException {
    String host = lab.hosts().getFirst();
    try (Filler _ = Filler.of(lab.pool(host), 10 << 20)) {
      refused(lab.cli("image", "build", "other", "--from", source.url(), "--host", host), "pool");
    }
  }

  @Test
  void thePoolIsFullBeforeACreate() throws IOException {
    String host = lab.hosts().getFirst();
    try (Filler _ = Filler.of(lab.pool(host), 0)) {
      refused(
          lab.cli("clone", "create", "c", "--image", "app", "--runtime", "process", "--host", host),
          "pool");
    }
  }

  @Test
  void thePortIsTaken() throws IOException {
    String host = lab.hosts().getFirst();
    int port = lab.client().hosts().get(host).lastPort();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
      refused(
          lab.cli(
              "clone",
              "create",
              "c",
              "--image",
              "app",
              "--host",
              host,
              "--port",
              Integer.toString(taken.getLocalPort())),
          Integer.toString(port));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void theServerDiesAtStart(String runtime) {
    Command create =
        lab.cli(
            "clone",
            "create",
            "c",
            "--image",
            "app",
            "--runtime",
            runtime,
            "--engine-option",
            "shared_buffers=900TB");
    assertThat(create.exit()).isNotZero();
    assertThat(create.err()).as("the server's last words").contains("shared_buffers");
  }

  @Test
  void anEngineOptionThatDoesNotExist() {
    Command create =
        lab.cli(
            "clone",
            "create",
            "c",
            "--image",
            "app",
            "--runtime",
            "process",
            "--engine-option",
            "no_such_option=1");
    assertThat(create.exit()).isNotZero();
    assertThat(create.err()).contains("no_such_option");
  }

  @Test
  void anEngineOptionWithQuotesIsOnlyAValue() throws Exception {
    String value = "it's $(id) \\ \" x";
    Command create =
        lab.cli(
            "clone",
            "create",
            "c",
            "--image",
            "app",
            "--runtime",
            "process",
            "--engine-option",
            "application_name=" + value);
    assertThat(create.exit()).as(create.err()).isZero();
    assertThat(lab.client().clones().get("c").spec().engineOptions())
        .containsEntry("application_name", value);
  }

  @Test
  void anImageWithClonesIsNotDeletedAndTheyAreNamed() {
    lab.client().clones().create("keeper", CloneSpec.of("app").withRuntime("process")).await(SOON);
    refused(lab.cli("image", "rm", "app"), "keeper");
    refused(lab.cli("image", "rm", "app:1"), "keeper");
    assertThat(lab.client().images().getRevision("app", 1).state()).isEqualTo(Revision.State.READY);
    assertThat(lab.cli("clone", "show", "keeper").exit()).isZero();
  }

  @Test
  void theAgentIsDown() {
    String host = lab.hosts().getLast();
    Part agent = lab.agent(host);
    agent.stop();
    try {
      Eventually.holds(
          "the host is seen to be down", SOON, () -> !lab.client().hosts().get(host).alive());
      refused(lab.cli("clone", "create", "c", "--image", "app", "--host", host), host);
    } finally {
      agent.start();
      agent.awaitUp(Lab.UP);
      lab.awaitHosts();
    }
  }

  @Test
  void etcdIsDown() {
    lab.etcd().part().stop();
    try {
      refused(lab.cli("clone", "create", "c", "--image", "app"));
    } finally {
      lab.etcd().part().start();
      lab.etcd().part().awaitUp(Lab.UP);
      lab.awaitHosts();
    }
  }

  @Test
  void theCoordinatorIsNotThere() {
    String nobody = "127.0.0.1:" + Part.freePort();
    refused(lab.cli("--server", nobody, "clone", "ls"), nobody);
  }

  private static Command build(String location) {
    return lab.cli("image", "build", "other", "--from", location);
  }
}
