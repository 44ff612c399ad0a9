package dev.ramet.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.SnapshotWriter;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.Usage;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The part of the contract about capabilities that a driver may lack. One that lacks it must say so
 * with {@code UNSUPPORTED}, never do less in silence.
 */
public abstract class LimitUsageTransferContract extends ContractSupport {
  private static final ByteSize ROOMY = ByteSize.ofMebi(48);
  private static final int CHUNK = 1 << 20;

  @Test
  void aLimitIsKeptOrRefused() throws IOException {
    golden();
    CloneSpec limited = new CloneSpec(ROOMY);
    if (!can(Capability.LIMIT)) {
      assertRefused(
          StorageError.UNSUPPORTED, () -> driver().cloneVolume(volume("a"), GOLDEN, limited));
      assertThat(driver().findVolume(volume("a"))).isEmpty();
      return;
    }
    Volume clone = driver().cloneVolume(volume("a"), GOLDEN, limited);
    assertThat(clone.limitIfAny()).contains(ROOMY);
    assertThat(driver().cloneVolume(volume("a"), GOLDEN, limited)).isEqualTo(clone);
    assertThat(reopen().findVolume(volume("a"))).contains(clone);
  }

  @Test
  void anotherLimitOnTheSameIdIsRefused() throws IOException {
    if (can(Capability.LIMIT)) {
      golden();
      driver().cloneVolume(volume("a"), GOLDEN, new CloneSpec(ROOMY));
      assertRefused(StorageError.ALREADY_EXISTS, () -> cloned("a"));
    }
  }

  @Test
  void aLimitAboveTheOriginsSizeIsRefused() throws IOException {
    if (can(Capability.LIMIT)) {
      Snapshot golden = golden();
      CloneSpec above = new CloneSpec(new ByteSize(golden.size().bytes() + (1 << 20)));
      assertRefused(
          StorageError.OUT_OF_RANGE, () -> driver().cloneVolume(volume("a"), GOLDEN, above));
      assertThat(driver().findVolume(volume("a"))).isEmpty();
    }
  }

  @Test
  void aCloneHoldsNoMoreThanItsLimitAlsoAfterAttachingAgain() throws IOException {
    if (can(Capability.LIMIT)) {
      golden();
      driver().cloneVolume(volume("a"), GOLDEN, new CloneSpec(ROOMY));
      long first = fill(driver().attach(volume("a")));
      assertThat(first).isLessThanOrEqualTo(ROOMY.bytes()).isGreaterThan(ROOMY.bytes() / 4);
      driver().detach(volume("a"));
      assertThat(fill(driver().attach(volume("a")))).isLessThan(CHUNK);
    }
  }

  /** Writes until no more goes in; returns the bytes that went in. */
  private long fill(Attachment attachment) throws IOException {
    Path file = attachment.path().resolve("fill-" + System.nanoTime());
    byte[] chunk = new byte[64 * 1024];
    new Random(7).nextBytes(chunk);
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
    return Files.size(file);
  }

  @Test
  void usageTellsOwnFromSharedBytesOrIsRefused() throws IOException {
    golden();
    if (!can(Capability.USAGE)) {
      assertRefused(StorageError.UNSUPPORTED, () -> driver().usage(volume("source")));
      return;
    }
    write(volume("source"), "big", "x".repeat(8 * CHUNK));
    driver().createSnapshot(snapshot("golden.2"), volume("source"), SnapshotMode.DETACHED);
    driver().cloneVolume(volume("a"), snapshot("golden.2"), CloneSpec.LIKE_ORIGIN);
    Usage fresh = driver().usage(volume("a"));
    assertThat(fresh.own()).isLessThan(new ByteSize(CHUNK));
    assertThat(fresh.shared()).isGreaterThanOrEqualTo(new ByteSize(8L * CHUNK));
    write(volume("a"), "mine", "y".repeat(4 * CHUNK));
    Usage written = driver().usage(volume("a"));
    assertThat(written.own()).isBetween(new ByteSize(4L * CHUNK), new ByteSize(7L * CHUNK));
  }

  @Test
  void aSnapshotOwnsWhatNobodyElseHoldsOrIsNotMeasured() throws IOException {
    golden();
    if (!can(Capability.USAGE)) {
      assertRefused(StorageError.UNSUPPORTED, () -> driver().usage(GOLDEN));
      return;
    }
    ByteSize little = new ByteSize(CHUNK);
    ByteSize all = new ByteSize(8L * CHUNK);
    write(volume("source"), "big", "x".repeat(8 * CHUNK));
    driver().createSnapshot(snapshot("kept"), volume("source"), SnapshotMode.DETACHED);
    Usage fresh = driver().usage(snapshot("kept"));
    assertThat(fresh.own()).isLessThan(little);
    assertThat(fresh.shared()).isGreaterThanOrEqualTo(all);
    overwrite(volume("source"), "big", "y".repeat(8 * CHUNK));
    assertThat(driver().usage(snapshot("kept")).own())
        .as("what the volume holds no more")
        .isBetween(all, new ByteSize(11L * CHUNK));
    driver().cloneVolume(volume("a"), snapshot("kept"), CloneSpec.LIKE_ORIGIN);
    Usage cloned = driver().usage(snapshot("kept"));
    assertThat(cloned.own()).as("what a clone of it holds too").isLessThan(little);
    assertThat(cloned.shared()).isGreaterThanOrEqualTo(all);
  }

  /** In the place of what is there: a file that is made anew may lie elsewhere in the volume. */
  private void overwrite(VolumeId id, String file, String content) throws IOException {
    Path path = driver().attach(id).path().resolve(file);
    Files.writeString(path, content, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    driver().detach(id);
  }

  @Test
  void growthIsWhatTheOriginDoesNotHoldWhateverWasSavedOrIsRefused() throws IOException {
    golden();
    if (!can(Capability.GROWTH)) {
      assertRefused(StorageError.UNSUPPORTED, () -> driver().growth(volume("source")));
      return;
    }
    assertRefused(StorageError.NOT_FOUND, () -> driver().growth(volume("missing")));
    write(volume("source"), "big", "x".repeat(8 * CHUNK));
    driver().createSnapshot(snapshot("golden.2"), volume("source"), SnapshotMode.DETACHED);
    driver().cloneVolume(volume("a"), snapshot("golden.2"), CloneSpec.LIKE_ORIGIN);
    assertThat(driver().growth(volume("a"))).isLessThan(new ByteSize(CHUNK));
    write(volume("a"), "mine", "y".repeat(4 * CHUNK));
    ByteSize grown = driver().growth(volume("a"));
    assertThat(grown).isBetween(new ByteSize(4L * CHUNK), new ByteSize(7L * CHUNK));
    driver().createSnapshot(snapshot("kept"), volume("a"), SnapshotMode.DETACHED);
    assertThat(driver().growth(volume("a"))).isEqualTo(grown);
    driver().deleteSnapshot(snapshot("golden.2"));
    assertThat(driver().growth(volume("a")))
        .as("of what nobody holds, where the origin is gone")
        .isEqualTo(driver().usage(volume("a")).own());
  }

  @Test
  void usageOfWhatIsMissingIsRefused() {
    if (can(Capability.USAGE)) {
      assertRefused(StorageError.NOT_FOUND, () -> driver().usage(snapshot("missing")));
      assertRefused(StorageError.NOT_FOUND, () -> driver().usage(volume("missing")));
    }
  }

  @Test
  void aSnapshotThatIsReadAndWrittenElsewhereIsTheSame() throws IOException {
    Snapshot golden = golden();
    if (!can(Capability.TRANSFER)) {
      assertRefused(StorageError.UNSUPPORTED, () -> driver().read(GOLDEN));
      assertRefused(
          StorageError.UNSUPPORTED,
          () -> driver().write(snapshot("copy"), volume("source"), size()));
      return;
    }
    SnapshotId copy = snapshot("copy");
    Snapshot made = transfer(copy, golden);
    assertThat(made).isEqualTo(new Snapshot(copy, golden.source(), golden.size()));
    assertThat(driver().findSnapshot(copy)).contains(made);
    assertThat(digest(copy)).isEqualTo(digest(GOLDEN));
    driver().cloneVolume(volume("a"), copy, CloneSpec.LIKE_ORIGIN);
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
  }

  private Snapshot transfer(SnapshotId copy, Snapshot golden) {
    long total = 0;
    try (SnapshotReader reader = driver().read(GOLDEN);
        SnapshotWriter writer = driver().write(copy, golden.source(), reader.size())) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(100_000);
      for (long at = reader.read(buffer); at >= 0; at = reader.read(buffer.clear())) {
        total += buffer.flip().remaining();
        writer.write(at, buffer);
        assertThat(buffer.hasRemaining()).isFalse();
      }
      assertThat(driver().findSnapshot(copy)).as("before the commit").isEmpty();
      assertThat(reader.data().bytes()).isGreaterThanOrEqualTo(total);
      assertThat(total).isPositive();
      return writer.commit();
    }
  }

  @Test
  void aWriterThatIsClosedWithoutACommitLeavesNothing() {
    if (can(Capability.TRANSFER)) {
      try (SnapshotWriter writer = driver().write(snapshot("copy"), volume("source"), size())) {
        writer.write(4096, ByteBuffer.wrap(new byte[4096]));
      }
      assertThat(driver().findSnapshot(snapshot("copy"))).isEmpty();
      assertThat(driver().list().leftovers()).isEmpty();
    }
  }

  @Test
  void writingBeyondTheSizeIsRefused() {
    if (can(Capability.TRANSFER)) {
      try (SnapshotWriter writer = driver().write(snapshot("copy"), volume("source"), size())) {
        ByteBuffer two = ByteBuffer.wrap(new byte[2]);
        assertRefused(StorageError.OUT_OF_RANGE, () -> writer.write(size().bytes() - 1, two));
        assertRefused(StorageError.OUT_OF_RANGE, () -> writer.write(-1, two));
      }
    }
  }

  @Test
  void aSnapshotThatExistsIsNeitherWrittenAgainNorReadWhenMissing() throws IOException {
    if (can(Capability.TRANSFER)) {
      golden();
      assertRefused(
          StorageError.ALREADY_EXISTS, () -> driver().write(GOLDEN, volume("source"), size()));
      assertRefused(StorageError.NOT_FOUND, () -> driver().read(snapshot("missing")));
    }
  }
}
