package dev.ramet.storage.iscsi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be on a LUN, and that it stays what it is. */
abstract class LunFileSystemsContract {
  private static final VolumeId ID = new VolumeId("c.1");
  private static final VolumeId OTHER = new VolumeId("c.2");

  @TempDir Path directory;
  private Tgt tgt;
  private LunDriver driver;
  private SanLab lab;

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
    }
  }

  private Path disk(String name) {
    return directory.resolve(name);
  }

  @Test
  void anXfsAndItsCopyAreMountedSideBySide() throws IOException {
    Path origin = Lab.xfs(disk("origin"));
    Attachment first = driver.attach(ID, tgt.address(tgt.export(origin)));
    Files.writeString(first.path().resolve("greeting"), "hello");
    driver.detach(ID);
    Path copy = Lab.copy(origin, disk("copy"));
    first = driver.attach(ID, tgt.address(tgt.export(Lab.copy(origin, disk("again")))));
    Attachment second = driver.attach(OTHER, tgt.address(tgt.export(copy)));
    Files.writeString(second.path().resolve("greeting"), "changed");
    assertThat(first.path().resolve("greeting")).hasContent("hello");
  }

  @Test
  void anExt4OfSmallBlocksIsMounted() throws IOException {
    Attachment attachment =
        driver.attach(ID, tgt.address(tgt.export(Lab.ext4(disk("small"), 1024))));
    Files.writeString(attachment.path().resolve("greeting"), "hello");
    assertThat(attachment.path().resolve("greeting")).hasContent("hello");
  }

  @Test
  void theOnlyFileSystemInAPartitionIsMounted() throws IOException {
    Path content = Lab.ext4(disk("content"));
    Attachment attachment =
        driver.attach(ID, tgt.address(tgt.export(Lab.partitioned(disk("disk"), content))));
    assertThat(attachment.path().resolve("lost+found")).isDirectory();
    assertThat(driver.findVolume(ID).orElseThrow().size()).isEqualTo(ByteSize.ofMebi(64));
    Files.writeString(attachment.path().resolve("greeting"), "hello");
  }

  @Test
  void anEmptyLunIsRefusedSayingThatNothingIsThere() throws IOException {
    refused(Lab.empty(disk("empty"), 16), "nothing is on the LUN");
  }

  @Test
  void whatIsNoFileSystemToMountIsNamed() throws IOException {
    refused(swap(disk("swap")), "swap is on the LUN");
    refused(lvm(disk("lvm")), "LVM");
    refused(Lab.partitioned(disk("swapped"), swap(disk("inside"))), "partition 1: swap");
  }

  private void refused(Path disk, String found) throws IOException {
    assertThat(
            LunDriverContract.refused(
                StorageError.DEVICE, () -> driver.attach(ID, tgt.address(tgt.export(disk)))))
        .hasMessageContaining(found);
    lab.assertNothingLeft(tgt);
  }

  private static Path swap(Path file) throws IOException {
    Lab.run("mkswap", Lab.empty(file, 16).toString());
    return file;
  }

  /** The label of a physical volume: lib/format_text/layout.h of LVM2. */
  private static Path lvm(Path file) throws IOException {
    byte[] label = new byte[512];
    System.arraycopy("LABELONE".getBytes(US_ASCII), 0, label, 0, 8);
    label[8] = 1;
    label[20] = 32;
    System.arraycopy("LVM2 001".getBytes(US_ASCII), 0, label, 24, 8);
    Arrays.fill(label, 32, 64, (byte) 'A');
    int crc = 0xf597a6cf;
    for (int i = 20; i < label.length; i++) {
      crc ^= label[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0xedb88320);
      }
    }
    ByteBuffer.wrap(label).order(ByteOrder.LITTLE_ENDIAN).putInt(16, crc);
    try (RandomAccessFile disk = new RandomAccessFile(Lab.empty(file, 16).toFile(), "rw")) {
      disk.seek(512);
      disk.write(label);
    }
    return file;
  }

  /** QEMU's FUSE export mixes up writes that are in flight together. */
  @Test
  void whatManyWriteAtOnceIsWhatIsRead() throws Exception {
    LunAddress address = tgt.address(tgt.export(Lab.xfs(disk("a"))));
    Path root = driver.attach(ID, address).path();
    int writers = 8;
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> written = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        Path file = root.resolve("file" + writer);
        long seed = writer;
        written.add(threads.submit(() -> write(file, seed)));
      }
      for (Future<?> one : written) {
        one.get();
      }
    }
    driver.detach(ID);
    root = driver.attach(ID, address).path();
    for (int writer = 0; writer < writers; writer++) {
      assertThat(Files.readAllBytes(root.resolve("file" + writer))).isEqualTo(content(writer));
    }
  }

  private static Void write(Path file, long seed) throws IOException {
    byte[] content = content(seed);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int at = 0; at < content.length; at += 1 << 16) {
        out.write(content, at, 1 << 16);
        out.getFD().sync();
      }
    }
    return null;
  }

  private static byte[] content(long seed) {
    byte[] content = new byte[4 << 20];
    new Random(seed).nextBytes(content);
    return content;
  }
}
