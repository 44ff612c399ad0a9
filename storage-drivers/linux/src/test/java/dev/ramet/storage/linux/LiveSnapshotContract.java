package dev.ramet.storage.linux;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A volume is snapshotted while somebody writes to two files in turn and syncs each write: what a
 * snapshot holds is of one instant, so the files are never more than one write apart, and all that
 * was synced before is there.
 */
public abstract class LiveSnapshotContract {
  private static final int SNAPSHOTS = 25;
  private static final int BLOCK = 4096;
  private static final VolumeId SOURCE = new VolumeId("source");
  private static final VolumeId CLONE = new VolumeId("clone");
  private static final SnapshotId LIVE = new SnapshotId("live");

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong synced = new AtomicLong();
  private CowDriver driver;

  protected abstract CowDriver open();

  @BeforeEach
  void openPool() {
    driver = open();
  }

  @AfterEach
  void clear() {
    driver.list().volumes().forEach(volume -> driver.detach(volume.id()));
    driver.list().volumes().forEach(volume -> driver.deleteVolume(volume.id()));
    driver.list().snapshots().forEach(snapshot -> driver.deleteSnapshot(snapshot.id()));
    assertThat(driver.list().leftovers()).isEmpty();
    driver.close();
  }

  @Test
  void aLiveSnapshotIsOfOneInstant() throws Exception {
    driver.createVolume(SOURCE, new VolumeSpec(ByteSize.ofMebi(128)));
    Path root = driver.attach(SOURCE).path();
    try (FileChannel first = create(root, "first");
        FileChannel second = create(root, "second")) {
      Thread writer = Thread.ofPlatform().start(() -> writeInTurn(first, second));
      try {
        for (int i = 0; i < SNAPSHOTS; i++) {
          assertOneInstant();
        }
        assertThat(writer.isAlive()).as("the writer was not disturbed").isTrue();
      } finally {
        over.set(true);
        writer.join();
      }
    }
    driver.detach(SOURCE);
    assertThat(driver.list().leftovers()).isEmpty();
  }

  private static FileChannel create(Path root, String name) throws IOException {
    FileChannel file = FileChannel.open(root.resolve(name), CREATE, WRITE);
    write(file, 0);
    return file;
  }

  private void writeInTurn(FileChannel first, FileChannel second) {
    try {
      for (long round = 1; !over.get(); round++) {
        write(first, round);
        write(second, round);
        synced.set(round);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Appends blocks, so that the file system has its own work too; the last one is what counts. */
  private static void write(FileChannel file, long round) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK).putLong(0, round);
    file.write(block, round % 1024 * BLOCK);
    file.force(false);
  }

  private void assertOneInstant() throws IOException {
    long before = synced.get();
    driver.createSnapshot(LIVE, SOURCE, SnapshotMode.LIVE);
    long after = synced.get();
    driver.cloneVolume(CLONE, LIVE, CloneSpec.LIKE_ORIGIN);
    Path root = driver.attach(CLONE).path();
    long first = newest(root.resolve("first"));
    long second = newest(root.resolve("second"));
    assertThat(second).as("what was synced").isBetween(before, after + 1);
    assertThat(first - second).as("first %d, second %d", first, second).isBetween(0L, 1L);
    driver.detach(CLONE);
    driver.deleteVolume(CLONE);
    driver.deleteSnapshot(LIVE);
  }

  private static long newest(Path file) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
    long newest = 0;
    for (int at = 0; at < content.limit(); at += BLOCK) {
      newest = Math.max(newest, content.getLong(at));
    }
    return newest;
  }
}
