package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.PoolFiller;
import dev.ramet.storage.testkit.CowDriverContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.Stream;
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
