package dev.ramet.storage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.LoopDevice;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.Mkfs;
import dev.ramet.storage.linux.MkfsCommands;
import dev.ramet.storage.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What others, or an earlier self, may do to a pool behind the driver's back. */
class ReflinkRecoveryIT {
  private static final VolumeId VOLUME = new VolumeId("app.1.abc");
  private static final SnapshotId GOLDEN = new SnapshotId("app.1");
  private static final VolumeId CLONE = new VolumeId("mine.xyz");

  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofMebi(640));

  private final Kernel kernel = new JnaKernel();
  private final LoopDevices loops = new LoopDevices(kernel);
  private CowDriver driver;

  @BeforeEach
  void makeClone() {
    driver = open(new MkfsCommands(), POOL.pool());
    driver.createVolume(VOLUME, new VolumeSpec(ByteSize.ofMebi(64)));
    driver.createSnapshot(GOLDEN, VOLUME, SnapshotMode.DETACHED);
    driver.cloneVolume(CLONE, GOLDEN, CloneSpec.LIKE_ORIGIN);
  }

  @AfterEach
  void clear() throws IOException {
    for (VolumeId id : List.of(VOLUME, CLONE)) {
      driver.detach(id);
      driver.deleteVolume(id);
    }
    driver.deleteSnapshot(GOLDEN);
    assertThat(driver.list()).isEqualTo(new Listing(List.of(), List.of(), List.of()));
    assertThat(loops.backedBelow(POOL.pool())).isEmpty();
  }

  private CowDriver open(Mkfs mkfs, Path pool) {
    return new ReflinkDriver(kernel, mkfs, new PoolLayout(pool), Duration.ofMillis(300));
  }

  private Path file() {
    return POOL.pool().resolve("volumes").resolve(CLONE + ".raw");
  }

  private Path mountPoint() {
    return POOL.pool().resolve("mnt").resolve(CLONE.value());
  }

  @Test
  void aDeviceThatIsThereAlreadyIsMountedInsteadOfASecondOne() throws IOException {
    try (Descriptor file = Descriptor.open(kernel, file(), OpenFlags.READ_WRITE)) {
      assertThat(kernel.lock(file.fd())).isTrue();
      try (LoopDevice leaked = loops.bind(file)) {
        assertThat(driver.list().leftovers())
            .extracting(Listing.Leftover::name)
            .containsExactly(leaked.name());
        Attachment attachment = driver.attach(CLONE);
        assertThat(attachment).isEqualTo(new Attachment.BlockDevice(mountPoint(), leaked.path()));
        assertThat(loops.backedBelow(POOL.pool())).hasSize(1);
      }
    }
    driver.detach(CLONE);
  }

  @Test
  void aMountPointThatIsLeftIsReportedAndUsedAgain() throws IOException {
    Files.createDirectory(mountPoint());
    assertThat(driver.list().leftovers())
        .extracting(Listing.Leftover::name)
        .containsExactly("mnt/" + CLONE);
    driver.attach(CLONE);
    assertThat(driver.list().leftovers()).isEmpty();
  }

  @Test
  void aVolumesFileThatVanishesWhileAttachedIsReportedAndCanBeDetached() throws IOException {
    driver.attach(CLONE);
    Files.delete(file());
    assertThat(driver.findVolume(CLONE)).isEmpty();
    assertThat(driver.list().leftovers())
        .extracting(Listing.Leftover::reason)
        .allMatch(reason -> reason.contains("its volume is gone"))
        .hasSize(1);
    driver.detach(CLONE);
    assertThat(loops.backedBelow(POOL.pool())).isEmpty();
  }

  @Test
  void whatOthersPutIntoThePoolIsReportedAndNotTouched() throws IOException {
    Path foreign = Files.writeString(POOL.pool().resolve("volumes/Not Ours"), "x");
    Path fake = Files.writeString(POOL.pool().resolve("snapshots/fake.raw"), "x");
    assertThat(driver.list().leftovers())
        .extracting(Listing.Leftover::name)
        .containsExactly("volumes/Not Ours", "snapshots/fake.raw");
    assertThat(driver.findSnapshot(new SnapshotId("fake"))).isEmpty();
    Files.delete(foreign);
    Files.delete(fake);
  }

  @Test
  void whatCannotBeReadIsReportedAndHidesNothingElse() throws IOException {
    driver.attach(CLONE);
    Path golden = POOL.pool().resolve("snapshots").resolve(GOLDEN + ".raw");
    spoil(file(), "user.ramet.limit", "lots");
    spoil(golden, "user.ramet.source", "../..");
    Listing listing = driver.list();
    assertThat(listing.volumes()).extracting(Volume::id).containsExactly(VOLUME);
    assertThat(listing.leftovers())
        .extracting(Listing.Leftover::name)
        .containsExactly("volumes/" + CLONE + ".raw", "snapshots/" + GOLDEN + ".raw");
    assertThat(listing.leftovers())
        .extracting(Listing.Leftover::reason)
        .allMatch(reason -> reason.contains("is damaged"));
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> driver.findVolume(CLONE))
        .withMessageContaining("'lots'");
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> driver.findSnapshot(GOLDEN))
        .withMessageContaining("'../..'");
  }

  private void spoil(Path file, String attribute, String value) throws IOException {
    try (Descriptor open = Descriptor.open(kernel, file, OpenFlags.READ_ONLY)) {
      kernel.setAttribute(open.fd(), attribute, value);
    }
  }

  @Test
  void aMountThatAnotherNamespaceKeepsIsInUseAndItsProcessNamed() throws Exception {
    driver.attach(CLONE);
    Process keeper =
        new ProcessBuilder("unshare", "--mount", "sh", "-c", "echo ready; exec sleep 60").start();
    try {
      assertThat(keeper.inputReader().readLine()).isEqualTo("ready");
      for (int again = 0; again < 2; again++) {
        assertThatExceptionOfType(StorageException.class)
            .isThrownBy(() -> driver.detach(CLONE))
            .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.IN_USE))
            .withMessageContaining("pid " + keeper.pid());
      }
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> driver.deleteVolume(CLONE))
          .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.IN_USE));
    } finally {
      keeper.destroyForcibly().waitFor();
    }
    driver.detach(CLONE);
  }

  @Test
  void somethingElseMountedInAVolumesPlaceIsRefused() throws IOException {
    Files.createDirectory(mountPoint());
    kernel.mount("tmpfs", mountPoint(), "tmpfs", 0, "size=64k");
    try {
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> driver.attach(CLONE))
          .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.DEVICE))
          .withMessageContaining(mountPoint().toString());
      Listing listing = driver.list();
      assertThat(listing.volumes()).hasSize(2);
      assertThat(listing.leftovers())
          .extracting(Listing.Leftover::name)
          .containsExactly("mnt/" + CLONE);
    } finally {
      kernel.unmount(mountPoint());
    }
  }

  @Test
  void aSnapshotIsReadOnlyForAll() throws IOException {
    Path snapshot = POOL.pool().resolve("snapshots").resolve(GOLDEN + ".raw");
    assertThat(Files.getPosixFilePermissions(snapshot))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));
  }

  @Test
  void noProcessIsStartedOnTheWayOfAClone() {
    Mkfs none = new NoMkfs();
    CowDriver without = open(none, POOL.pool());
    VolumeId other = new VolumeId("other");
    without.cloneVolume(other, GOLDEN, CloneSpec.LIKE_ORIGIN);
    without.attach(other);
    without.detach(other);
    without.deleteVolume(other);
  }

  private static final class NoMkfs implements Mkfs {
    @Override
    public void ext4(Path device, ByteSize size) {
      throw new AssertionError("mkfs was started");
    }

    @Override
    public void xfs(Path device) {
      throw new AssertionError("mkfs was started");
    }

    @Override
    public void btrfs(Path device) {
      throw new AssertionError("mkfs was started");
    }
  }

  @Test
  void aPoolThatIsGoneIsUnhealthyAndSaysWhy() throws IOException {
    Path elsewhere = Files.createDirectory(POOL.directory().resolve("unmounted"));
    CowDriver gone = open(new NoMkfs(), elsewhere);
    assertThat(gone.status().problemIfAny())
        .get()
        .asString()
        .contains("is its file system mounted?");
    for (ThrowingCallable verb :
        List.<ThrowingCallable>of(
            () -> gone.findVolume(CLONE),
            () -> gone.findSnapshot(GOLDEN),
            () -> gone.deleteVolume(CLONE),
            gone::list)) {
      assertThatExceptionOfType(StorageException.class)
          .as("nothing is said to be missing from a pool that is not there")
          .isThrownBy(verb)
          .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.POOL_UNHEALTHY));
    }
    Files.delete(elsewhere);
    assertThat(gone.status().healthy()).isFalse();
  }
}
