package dev.ramet.storage.linux.btrfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.linux.PoolFiller;
import dev.ramet.storage.testkit.CowDriverContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, on a real btrfs. */
class BtrfsDriverIT extends CowDriverContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new BtrfsProvider(), ByteSize.ofMebi(640));

  @Override
  protected CowDriver open() {
    return new BtrfsProvider().open(POOL.pool());
  }

  @Override
  protected AutoCloseable fillPool() throws IOException {
    return new PoolFiller(POOL.pool());
  }

  @Test
  void aVolumeThatCannotBeReadIsReportedAndHidesNothingElse() throws IOException {
    VolumeId damaged = new VolumeId("damaged");
    try (CowDriver driver = open()) {
      driver.createVolume(damaged, new VolumeSpec(ByteSize.ofMebi(64)));
      driver.createVolume(new VolumeId("whole"), new VolumeSpec(ByteSize.ofMebi(64)));
      Kernel kernel = new JnaKernel();
      Path directory = POOL.pool().resolve("volumes/damaged");
      try (Descriptor open = Descriptor.open(kernel, directory, OpenFlags.READ_ONLY)) {
        kernel.setAttribute(open.fd(), "trusted.ramet.size", "-1");
      }
      Listing listing = driver.list();
      assertThat(listing.volumes()).extracting(v -> v.id().value()).contains("whole");
      assertThat(listing.leftovers())
          .extracting(Listing.Leftover::name)
          .containsExactly("volumes/damaged");
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> driver.findVolume(damaged))
          .withMessageContaining("is damaged");
      driver.deleteVolume(damaged);
      driver.deleteVolume(new VolumeId("whole"));
    }
  }

  @Override
  protected String digest(SnapshotId id) throws IOException {
    MessageDigest digest = sha256();
    Path snapshot = POOL.pool().resolve("snapshots").resolve(id.value());
    try (Stream<Path> files = Files.walk(snapshot)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        digest.update(snapshot.relativize(file).toString().getBytes());
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
