package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.postgres.SourcePostgres;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArraySettings;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.StorageArray;
import dev.ramet.storage.san.StorageArrayProvider;
import dev.ramet.storage.testkit.LunClient;
import dev.ramet.storage.testkit.StorageArrayContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent's host as an array, through its driver, with a real target daemon. */
class LinuxTargetIT extends StorageArrayContract {
  private static final String HOST = "iqn.2026-11.dev.ramet:host-a";
  private static final Chap CHAP = new Chap("ramet-host-a", "secret-of-a-1234");
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 4096;

  @TempDir Path dir;
  private Map<String, String> settings = Map.of();
  private TestAgent agent;
  private StorageArray array;

  @BeforeEach
  void start() throws Exception {
    int port = SourcePostgres.freePort();
    settings =
        Map.of(
            "target.dir",
            dir.resolve("host-t/target").toString(),
            "target.size",
            "1GiB",
            "target.portals",
            "127.0.0.1:" + port,
            "target.control",
            Integer.toString(port & Short.MAX_VALUE));
    startAgent();
  }

  private void startAgent() throws Exception {
    agent = TestAgent.start(dir.resolve("host-t"), settings);
    StorageArrayProvider provider =
        ServiceLoader.load(StorageArrayProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("linux-target"))
            .findAny()
            .orElseThrow();
    array =
        provider.open(
            new ArraySettings(
                "lab", "grpc://" + agent.address(), Map.of(), Map.of(), "00000000-0001", () -> 1));
  }

  @AfterEach
  void stop() throws Exception {
    array.close();
    daemon().ifPresent(LinuxTargetIT::end);
    agent.close();
    TargetMount.release(Path.of(settings.get("target.dir")));
  }

  private java.util.Optional<ProcessHandle> daemon() {
    return TargetMount.daemon(settings.get("target.control"));
  }

  private static void end(ProcessHandle daemon) {
    daemon.destroyForcibly();
    daemon.onExit().join();
  }

  @Override
  protected StorageArray array() {
    return array;
  }

  private Path source(String name) {
    return Path.of(settings.get("target.dir")).resolve("sources").resolve(name);
  }

  @Override
  protected void makeSource(String name, int value) {
    try {
      Files.createDirectories(source(name).getParent());
      Files.createFile(source(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(name, 0, value);
    write(name, BLOCKS - 1, 0);
  }

  @Override
  protected void writeSource(String name, int value) {
    write(name, 0, value);
  }

  private void write(String name, int block, int value) {
    byte[] content = new byte[BLOCK];
    java.util.Arrays.fill(content, (byte) value);
    try (FileChannel file = FileChannel.open(source(name), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(content), (long) block * BLOCK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected boolean sourceHolds(String name, int value) {
    try (FileChannel file = FileChannel.open(source(name))) {
      ByteBuffer first = ByteBuffer.allocate(1);
      return file.read(first, 0) == 1 && first.get(0) == (byte) value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LunAddress granted() {
    makeSource("PROD", 0xa1);
    array.importSnapshots(Map.of(new SnapshotId("app.1"), "PROD"));
    array.cloneVolume(new VolumeId("app.c1"), new SnapshotId("app.1"));
    return array.grantAccess(new VolumeId("app.c1"), new Initiator("host-a", HOST, CHAP, null));
  }

  private static void assertComesBack(LunAddress address) throws InterruptedException {
    for (int i = 0; ; i++) {
      try (LunClient client = LunClient.open(address, HOST, CHAP)) {
        client.require(0, 0xa1);
        return;
      } catch (IllegalStateException notYet) {
        assertThat(i).as("it comes back: " + notYet).isLessThan(20);
        Thread.sleep(500);
      }
    }
  }

  @Test
  void whatIsExportedComesBackAfterTheDaemonsEnd() throws Exception {
    LunAddress address = granted();
    daemon().ifPresent(LinuxTargetIT::end);
    assertComesBack(address);
    assertThatThrownBy(
            () -> LunClient.open(address, HOST, new Chap("ramet-host-a", "wrong-secret")))
        .isNotNull();
  }

  @Test
  void itComesBackAfterTheEndOfBoth() throws Exception {
    LunAddress address = granted();
    array.close();
    agent.stop();
    daemon().ifPresent(LinuxTargetIT::end);
    startAgent();
    assertComesBack(address);
    assertThat(array.list().volumes())
        .singleElement()
        .satisfies(volume -> assertThat(volume.initiators()).containsExactly(HOST));
  }

  @Test
  void aSessionOutlivesTheAgent() throws Exception {
    LunAddress address = granted();
    try (LunClient client = LunClient.open(address, HOST, CHAP)) {
      array.close();
      agent.stop();
      client.fill(1, 0xb1);
      startAgent();
      client.require(1, 0xb1);
    }
  }

  /** The writer counts up in one file, then in the other: the first is never behind. */
  @Test
  void severalSourcesAreOfOneInstant() throws Exception {
    makeSource("DATA", 0);
    makeSource("LOG", 0);
    String count =
        "i=0; while :; do i=$((i+1)); printf '%08d' $i 1<>"
            + source("DATA")
            + "; printf '%08d' $i 1<>"
            + source("LOG")
            + "; done";
    // The files stay open, as a target daemon has them.
    Process writer =
        new ProcessBuilder(
                "bash", "-c", "exec 8<>" + source("DATA") + " 9<>" + source("LOG") + "; " + count)
            .start();
    try {
      for (int round = 1; round <= 10; round++) {
        Map<SnapshotId, String> sources = new LinkedHashMap<>();
        sources.put(new SnapshotId("data." + round), "DATA");
        sources.put(new SnapshotId("log." + round), "LOG");
        List<Snapshot> made = array.importSnapshots(sources);
        assertThat(made).hasSize(2);
        Thread.sleep(20);
        int data = counter("data." + round);
        int log = counter("log." + round);
        assertThat(data - log).as("data %d, log %d", data, log).isBetween(0, 1);
        assertThat(writer.isAlive()).isTrue();
      }
      assertThat(counter("log.10")).isGreaterThan(counter("log.1"));
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private int counter(String snapshot) throws IOException {
    Path file = Path.of(settings.get("target.dir")).resolve("snapshots/" + snapshot + ".raw");
    try (FileChannel content = FileChannel.open(file)) {
      ByteBuffer digits = ByteBuffer.allocate(8);
      content.read(digits, 0);
      String text = new String(digits.array(), java.nio.charset.StandardCharsets.US_ASCII);
      return text.charAt(0) == 0 ? 0 : Integer.parseInt(text);
    }
  }
}
