package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Listing.Leftover;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.Tgt.Export;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Waits;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to an attached LUN when its daemon, its target or the way to it goes. */
class QemuFaultsIT {
  private static final VolumeId ID = new VolumeId("c.1");

  @TempDir Path directory;
  private Tgt tgt;
  private LunDriver driver;
  private SanLab lab;
  private Export export;
  private LunAddress address;

  @BeforeEach
  void start() throws IOException {
    tgt = Tgt.start(directory);
    lab = new SanLab(Files.createDirectory(directory.toRealPath().resolve("pool")));
    driver =
        QemuTransportLab.open(
            lab.pool(), new JnaKernel(), new HostPrograms(), Duration.ofSeconds(3));
    export = tgt.export(Lab.xfs(directory.resolve("disk")));
    address = tgt.address(export);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try {
      driver.detach(ID);
      lab.assertNothingLeft();
    } finally {
      tgt.close();
    }
  }

  private static void write(Path file, String content) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.writeBytes(content);
      out.getFD().sync();
    }
  }

  private void killDaemon() throws IOException {
    for (ProcessHandle daemon : lab.daemons(ID)) {
      daemon.destroyForcibly();
    }
    assertThat(Waits.until(() -> lab.daemons(ID).isEmpty(), Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void aDaemonThatWasKilledIsALeftoverThatDetachClears() throws IOException {
    Attachment attachment = driver.attach(ID, address);
    write(attachment.path().resolve("safe"), "synced");
    Files.writeString(attachment.path().resolve("dirty"), "not synced");
    killDaemon();
    assertThat(driver.findVolume(ID).orElseThrow().attachmentIfAny()).isEmpty();
    assertThat(driver.list().leftovers())
        .singleElement()
        .extracting(Leftover::name, Leftover::reason)
        .satisfies(words -> assertThat(words.toString()).contains("luns/c.1", "has ended"));
    assertThat(LunDriverContract.refused(StorageError.DEVICE, () -> driver.detach(ID)))
        .hasMessageContaining("is detached, but its last writes");
    lab.assertNothingLeft();
    assertThat(driver.list().leftovers()).isEmpty();
    assertThat(driver.attach(ID, address).path().resolve("safe")).hasContent("synced");
  }

  @Test
  void attachingAgainMendsWhatLostItsDaemon() throws IOException {
    write(driver.attach(ID, address).path().resolve("safe"), "synced");
    killDaemon();
    assertThat(driver.attach(ID, address).path().resolve("safe")).hasContent("synced");
  }

  @Test
  void whoUsesAnAttachmentThatBrokeIsNamed() throws IOException {
    Attachment attachment = driver.attach(ID, address);
    Process user = new ProcessBuilder("sleep", "60").directory(attachment.path().toFile()).start();
    try {
      killDaemon();
      assertThat(LunDriverContract.refused(StorageError.IN_USE, () -> driver.detach(ID)))
          .hasMessageContaining("pid %d".formatted(user.pid()));
    } finally {
      Lab.kill(user);
    }
    catchThrowable(() -> driver.detach(ID)); // says that writes may be lost
    lab.assertNothingLeft();
  }

  @Test
  void aTargetThatIsStartedAgainGoesOnWhereItWas() throws Exception {
    Path file = driver.attach(ID, address).path().resolve("file");
    write(file, "before");
    tgt.kill();
    FutureTask<Void> writing =
        new FutureTask<>(() -> {
          write(file, "meanwhile");
          return null;
        });
    Thread.ofPlatform().daemon().start(writing);
    assertThat(catchThrowable(() -> writing.get(2, TimeUnit.SECONDS))).as("it waits").isNotNull();
    tgt.restart();
    writing.get(60, TimeUnit.SECONDS);
    assertThat(file).hasContent("meanwhile");
    driver.detach(ID);
    lab.assertNothingLeft(tgt);
    assertThat(driver.attach(ID, address).path().resolve("file")).hasContent("meanwhile");
  }

  @Test
  void aTargetThatDoesNotAnswerIsGivenUpByDetachInBoundedTime() throws IOException {
    Attachment attachment = driver.attach(ID, address);
    write(attachment.path().resolve("safe"), "synced");
    Files.writeString(attachment.path().resolve("dirty"), "not synced");
    tgt.freeze();
    try {
      Instant begin = Instant.now();
      assertThat(LunDriverContract.refused(StorageError.DEVICE, () -> driver.detach(ID)))
          .hasMessageContaining("did not answer")
          .hasMessageContaining("last writes");
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(30));
      lab.assertNothingLeft();
      driver.detach(ID);
    } finally {
      tgt.thaw();
    }
    assertThat(driver.attach(ID, address).path().resolve("safe")).hasContent("synced");
  }

  @Test
  void aTargetThatDoesNotAnswerIsNoReasonToWaitAtAttach() throws IOException {
    tgt.freeze();
    try {
      Instant begin = Instant.now();
      assertThat(LunDriverContract.refused(StorageError.DEVICE, () -> driver.attach(ID, address)))
          .hasMessageContaining("no portal answers");
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
      lab.assertNothingLeft();
    } finally {
      tgt.thaw();
    }
  }

  @Test
  void lookingAndListingDoNotWaitForATargetThatDoesNotAnswer() throws IOException {
    driver.attach(ID, address);
    tgt.freeze();
    try {
      Instant begin = Instant.now();
      assertThat(driver.findVolume(ID).orElseThrow().attachmentIfAny()).isPresent();
      assertThat(driver.list().volumes()).hasSize(1);
      assertThat(driver.status().healthy()).isTrue();
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(2));
    } finally {
      tgt.thaw();
    }
  }

  @Test
  void aLunThatIsGoneIsDetachedAllTheSame() throws IOException {
    Attachment attachment = driver.attach(ID, address);
    Files.writeString(attachment.path().resolve("dirty"), "not synced");
    tgt.remove(export);
    catchThrowable(() -> driver.detach(ID)); // says that writes may be lost
    lab.assertNothingLeft();
    assertThat(driver.list()).isEqualTo(new Listing(List.of(), List.of(), List.of()));
    assertThat(LunDriverContract.refused(StorageError.DEVICE, () -> driver.attach(ID, address)))
        .hasMessageContaining("no portal leads to the LUN");
  }
}
