package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.Listing;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.iscsi.Tgt.Export;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every way to attach LUNs, against a real target. */
abstract class LunDriverContract {
  static final VolumeId ID = new VolumeId("c.1");
  static final VolumeId OTHER = new VolumeId("c.2");
  private static final Chap CHAP = new Chap("host-a", "0123456789ab");

  @TempDir Path directory;
  Tgt tgt;
  LunDriver driver;
  SanLab lab;

  /** Opens a driver on the directory, which is there. */
  abstract LunDriver open(Path pool);

  @BeforeEach
  void start() throws IOException {
    tgt = Tgt.start(directory);
    lab = new SanLab(Files.createDirectory(directory.toRealPath().resolve("pool")));
    driver = open(lab.pool());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (Tgt ended = tgt) {
      driver.detach(ID);
      driver.detach(OTHER);
      lab.assertNothingLeft(ended);
      assertThat(driver.list()).isEqualTo(new Listing(List.of(), List.of(), List.of()));
    }
  }

  Path disk(String name) {
    return directory.resolve(name);
  }

  static StorageException refused(StorageError error, ThrowingCallable call) {
    StorageException refusal = catchThrowableOfType(StorageException.class, call);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.error()).as(refusal.getMessage()).isEqualTo(error);
    return refusal;
  }

  @Test
  void whatIsWrittenIsThereWhenTheLunIsAttachedAgain() throws IOException {
    LunAddress address = tgt.address(tgt.export(Lab.ext4(disk("a"))));
    Attachment attachment = driver.attach(ID, address);
    Files.writeString(attachment.path().resolve("greeting"), "hello");
    driver.detach(ID);
    lab.assertNothingLeft(tgt);
    assertThat(driver.attach(ID, address).path().resolve("greeting")).hasContent("hello");
  }

  @Test
  void attachingTwiceIsTheSameAttachment() throws IOException {
    LunAddress address = tgt.address(tgt.export(Lab.ext4(disk("a"))));
    Attachment attachment = driver.attach(ID, address);
    assertThat(driver.attach(ID, address)).isEqualTo(attachment);
    assertThat(driver.attach(ID)).isEqualTo(attachment);
    assertThat(open(lab.pool()).attach(ID, address)).isEqualTo(attachment);
    assertThat(tgt.sessions()).isEqualTo(1);
  }

  @Test
  void whatIsAttachedIsFoundAndListed() throws IOException {
    Attachment attachment = driver.attach(ID, tgt.address(tgt.export(Lab.ext4(disk("a")))));
    assertThat(driver.findVolume(ID))
        .hasValueSatisfying(volume -> {
          assertThat(volume.attachment()).isEqualTo(attachment);
          assertThat(volume.size()).isEqualTo(ByteSize.ofMebi(64));
        });
    assertThat(open(lab.pool()).list())
        .isEqualTo(new Listing(List.of(driver.findVolume(ID).orElseThrow()), List.of(), List.of()));
    refused(StorageError.IN_USE, () -> driver.deleteVolume(ID));
    driver.detach(ID);
    assertThat(driver.findVolume(ID)).isEmpty();
    driver.deleteVolume(ID);
    driver.deleteVolume(OTHER);
    refused(StorageError.NOT_FOUND, () -> driver.attach(ID));
  }

  @Test
  void anIdStandsForOneLunAndALunForOneId() throws IOException {
    LunAddress first = tgt.address(tgt.export(Lab.ext4(disk("a"))));
    LunAddress second = tgt.address(tgt.export(Lab.ext4(disk("b"))));
    Attachment attachment = driver.attach(ID, first);
    refused(StorageError.ALREADY_EXISTS, () -> driver.attach(ID, second));
    assertThat(refused(StorageError.IN_USE, () -> driver.attach(OTHER, first)))
        .hasMessageContaining(ID.value());
    assertThat(driver.attach(ID, first)).isEqualTo(attachment);
    assertThat(driver.attach(OTHER, second)).isNotEqualTo(attachment);
  }

  @Test
  void whoUsesItIsNamed() throws IOException {
    Attachment attachment = driver.attach(ID, tgt.address(tgt.export(Lab.ext4(disk("a")))));
    Process user = new ProcessBuilder("sleep", "60").directory(attachment.path().toFile()).start();
    try {
      assertThat(refused(StorageError.IN_USE, () -> driver.detach(ID)))
          .hasMessageContaining("sleep (pid %d)".formatted(user.pid()));
      Files.writeString(attachment.path().resolve("still"), "usable");
    } finally {
      Lab.kill(user);
    }
  }

  @Test
  void anotherWwidIsRefusedNamingTheOneThatIsThere() throws IOException {
    Export export = tgt.export(Lab.ext4(disk("a")));
    String meant = "naa.600000000000000000000000000000ff";
    LunAddress address = tgt.address(export, meant, null);
    assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, address)))
        .hasMessageContaining(meant)
        .hasMessageContaining(export.wwid());
    lab.assertNothingLeft(tgt);
  }

  @Test
  void chapIsShownAndItsSecretIsNowhereToBeSeen() throws Exception {
    LunAddress address = tgt.address(tgt.export(Lab.ext4(disk("a")), CHAP));
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<List<String>> seen =
        CompletableFuture.supplyAsync(() -> watchFor(CHAP.secret(), done));
    driver.attach(ID, address);
    done.set(true);
    assertThat(seen.get()).as("command lines with the secret").isEmpty();
    try (Stream<Path> files = Files.walk(lab.pool().resolve("luns").resolve(ID.value()))) {
      for (Path file : files.filter(LunDriverContract::isSmall).toList()) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain(CHAP.secret());
      }
    }
  }

  private static boolean isSmall(Path file) {
    return Files.isRegularFile(file) && file.toFile().length() < 1 << 20;
  }

  private static List<String> watchFor(String secret, AtomicBoolean done) {
    List<String> seen = new ArrayList<>();
    try {
      while (!done.get()) {
        seen.addAll(Lab.commandsWith(secret));
      }
    } catch (IOException e) {
      seen.add(e.toString());
    }
    return seen;
  }

  @Test
  void aWrongOrMissingSecretIsToldFromOtherFaults() throws IOException {
    Export export = tgt.export(Lab.ext4(disk("a")), CHAP);
    LunAddress wrong = tgt.address(export, export.wwid(), new Chap("host-a", "wrong-secret"));
    LunAddress missing = tgt.address(export, export.wwid(), null);
    for (LunAddress address : List.of(wrong, missing)) {
      assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, address)))
          .hasMessageContaining("CHAP")
          .hasMessageContaining(tgt.portal())
          .hasMessageNotContaining("wrong-secret");
      lab.assertNothingLeft(tgt);
    }
  }

  @Test
  void targetsAreAskedWhoTheyAreOrItIsRefused() throws IOException {
    if (!driver.checksTargets()) {
      LunAddress plain = tgt.address(tgt.export(Lab.ext4(disk("a")), CHAP));
      LunAddress both =
          new LunAddress(plain.portals(), plain.lun(), plain.wwid(), plain.chap(), CHAP);
      refused(StorageError.UNSUPPORTED, () -> driver.attach(ID, both));
    }
  }

  @Test
  void anUnknownTargetOrLunIsNamed() throws IOException {
    Export export = tgt.export(Lab.ext4(disk("a")));
    LunAddress noLun = new LunAddress(tgt.address(export).portals(), 7, export.wwid(), null, null);
    assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, noLun)))
        .hasMessageContaining("no LUN 7");
    LunAddress noTarget =
        new LunAddress(
            List.of(new TargetPortal(tgt.portal(), "iqn.2026-11.dev.ramet:none")),
            Tgt.LUN,
            export.wwid(),
            null,
            null);
    assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, noTarget)))
        .hasMessageContaining("iqn.2026-11.dev.ramet:none");
    lab.assertNothingLeft(tgt);
  }

  @Test
  void aPortalThatRefusesIsSaidToGiveNoAnswerAndTheNextOneIsTried() throws IOException {
    Export export = tgt.export(Lab.ext4(disk("a")));
    TargetPortal refusing = new TargetPortal("127.0.0.1:1", export.iqn());
    LunAddress dead = new LunAddress(List.of(refusing), Tgt.LUN, export.wwid(), null, null);
    assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, dead)))
        .hasMessageContaining("no portal answers")
        .hasMessageContaining("127.0.0.1:1");
    lab.assertNothingLeft(tgt);
    TargetPortal answering = new TargetPortal(tgt.portal(), export.iqn());
    LunAddress both =
        new LunAddress(List.of(refusing, answering), Tgt.LUN, export.wwid(), null, null);
    assertThat(driver.attach(ID, both).path()).isDirectory();
  }

  @Test
  void aPortalThatSwallowsEverythingIsGivenUpInBoundedTime() throws IOException {
    Export export = tgt.export(Lab.ext4(disk("a")));
    try (ServerSocket hole = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      TargetPortal swallowing = new TargetPortal("127.0.0.1:" + hole.getLocalPort(), export.iqn());
      LunAddress address =
          new LunAddress(List.of(swallowing, swallowing), Tgt.LUN, export.wwid(), null, null);
      Instant begin = Instant.now();
      assertThat(refused(StorageError.DEVICE, () -> driver.attach(ID, address)))
          .hasMessageContaining("no portal answers");
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
    }
    lab.assertNothingLeft(tgt);
  }

  @Test
  void theArrayMakesAndRemovesVolumes() {
    SnapshotId snapshot = new SnapshotId("s");
    assertThat(driver.capabilities())
        .containsExactlyInAnyOrder(Capability.LUN, Capability.BLOCK_DEVICE);
    assertThat(driver.status().problemIfAny()).isEmpty();
    refused(
        StorageError.UNSUPPORTED,
        () -> driver.createVolume(ID, new VolumeSpec(ByteSize.ofMebi(64))));
    refused(
        StorageError.UNSUPPORTED, () -> driver.createSnapshot(snapshot, ID, SnapshotMode.DETACHED));
    refused(StorageError.UNSUPPORTED, () -> driver.usage(ID));
    refused(StorageError.UNSUPPORTED, () -> driver.growth(ID));
    refused(StorageError.UNSUPPORTED, () -> driver.read(snapshot));
    driver.deleteSnapshot(snapshot);
    assertThat(driver.findSnapshot(snapshot)).isEmpty();
  }

  @Test
  void whatIsNotOursIsListedAndLeftAlone() throws IOException {
    Path foreign = Files.createFile(lab.pool().resolve("luns/NOT.ours"));
    assertThat(driver.list().leftovers())
        .singleElement()
        .satisfies(leftover -> assertThat(leftover.name()).isEqualTo("luns/NOT.ours"));
    Files.delete(foreign);
  }

  @Test
  void theInitiatorsNameStays() {
    assertThat(driver.initiatorName()).startsWith("iqn.");
    assertThat(open(lab.pool()).initiatorName()).isEqualTo(driver.initiatorName());
  }
}
