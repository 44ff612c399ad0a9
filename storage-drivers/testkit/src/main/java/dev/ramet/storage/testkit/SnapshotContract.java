package dev.ramet.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.Volume;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The part of the contract about snapshots: of volumes at rest, and live ones. Part of {@link
 * CowDriverContract}.
 */
public abstract class SnapshotContract extends LimitUsageTransferContract {

  @Test
  void snapshottingTwiceReturnsTheSameSnapshot() throws IOException {
    Snapshot first = golden();
    assertThat(driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.DETACHED))
        .isEqualTo(first);
    assertThat(first.id()).isEqualTo(GOLDEN);
    assertThat(first.source()).isEqualTo(volume("source"));
    assertThat(driver().list().snapshots()).containsExactly(first);
  }

  @Test
  void aSnapshotOutlivesItsSourceAndMayStillBeAskedForAgain() throws IOException {
    Snapshot first = golden();
    driver().deleteVolume(volume("source"));
    assertThat(driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.DETACHED))
        .isEqualTo(first);
    cloned("a");
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
  }

  @Test
  void aSnapshotThatExistsOfAnotherVolumeIsRefused() throws IOException {
    golden();
    driver().createVolume(volume("other"), spec());
    assertRefused(
        StorageError.ALREADY_EXISTS,
        () -> driver().createSnapshot(GOLDEN, volume("other"), SnapshotMode.DETACHED));
  }

  @Test
  void aSnapshotOfAMissingVolumeIsRefused() {
    assertRefused(
        StorageError.NOT_FOUND,
        () -> driver().createSnapshot(GOLDEN, volume("missing"), SnapshotMode.DETACHED));
    assertThat(driver().findSnapshot(GOLDEN)).isEmpty();
  }

  @Test
  void aSnapshotOfAnAttachedVolumeIsRefused() {
    driver().createVolume(volume("a"), spec());
    driver().attach(volume("a"));
    assertRefused(
        StorageError.IN_USE,
        () -> driver().createSnapshot(GOLDEN, volume("a"), SnapshotMode.DETACHED));
    assertThat(driver().findSnapshot(GOLDEN)).isEmpty();
  }

  @Test
  void aLiveSnapshotOfAnAttachedVolumeHoldsWhatWasSyncedAndNothingLater() throws IOException {
    Path root = writtenAndSynced();
    driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.LIVE);
    String before = digest(GOLDEN);
    Files.writeString(root.resolve("greeting"), "changed");
    Files.writeString(root.resolve("later"), "new");
    cloned("a");
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
    assertThat(driver().attach(volume("a")).path().resolve("later")).doesNotExist();
    driver().detach(volume("source"));
    assertThat(digest(GOLDEN)).isEqualTo(before);
    assertThat(read(volume("source"), "greeting")).isEqualTo("changed");
  }

  @Test
  void aLiveSnapshotLeavesItsVolumeAttachedAndWritable() throws IOException {
    Path root = writtenAndSynced();
    try (OutputStream open = Files.newOutputStream(root.resolve("open"))) {
      open.write(1);
      driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.LIVE);
      open.write(1);
    }
    assertThat(root.resolve("open")).hasSize(2);
    assertThat(driver().findVolume(volume("source")).flatMap(Volume::attachmentIfAny))
        .map(Attachment::path)
        .contains(root);
  }

  @Test
  void aSnapshotThatIsAskedForAgainInTheOtherModeIsTheSame() throws IOException {
    Snapshot first = golden();
    driver().attach(volume("source"));
    assertThat(driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.LIVE))
        .isEqualTo(first);
    assertThat(driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.DETACHED))
        .isEqualTo(first);
  }

  @Test
  void aLiveSnapshotOfADetachedVolumeHoldsAllOfIt() throws IOException {
    driver().createVolume(volume("source"), spec());
    write(volume("source"), "greeting", GREETING);
    driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.LIVE);
    cloned("a");
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
  }

  @Test
  void aLiveSnapshotOfAMissingVolumeIsRefused() {
    assertRefused(
        StorageError.NOT_FOUND,
        () -> driver().createSnapshot(GOLDEN, volume("missing"), SnapshotMode.LIVE));
    assertThat(driver().findSnapshot(GOLDEN)).isEmpty();
  }

  /** A volume "source" that is attached, with one file that is on its disk. */
  private Path writtenAndSynced() throws IOException {
    driver().createVolume(volume("source"), spec());
    Path root = driver().attach(volume("source")).path();
    try (FileChannel file = FileChannel.open(root.resolve("greeting"), CREATE_NEW, WRITE)) {
      file.write(ByteBuffer.wrap(GREETING.getBytes(UTF_8)));
      file.force(true);
    }
    return root;
  }
}
