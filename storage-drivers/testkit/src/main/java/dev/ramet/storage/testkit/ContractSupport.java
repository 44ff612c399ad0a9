package dev.ramet.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What a driver under test has to supply, and how the suite sets up and cleans: each test has the
 * pool to itself and must leave it without leftovers.
 */
public abstract class ContractSupport {
  protected static final SnapshotId GOLDEN = new SnapshotId("golden.1");
  protected static final String GREETING = "made before the snapshot";

  private @Nullable CowDriver opened;

  /** Opens the driver under test; each call opens the same pool anew, as after a restart. */
  protected abstract CowDriver open();

  /** Takes nearly all room of the pool until what it returns is closed. */
  protected abstract AutoCloseable fillPool() throws Exception;

  /** Size of the volumes of the tests. */
  protected ByteSize size() {
    return ByteSize.ofMebi(128);
  }

  /** A digest of a snapshot's whole content. Override where the driver cannot read snapshots. */
  protected String digest(SnapshotId id) throws IOException {
    MessageDigest digest = sha256();
    try (SnapshotReader reader = driver().read(id)) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
      for (long at = reader.read(buffer); at >= 0; at = reader.read(buffer.clear())) {
        digest.update(Long.toString(at).getBytes(UTF_8));
        digest.update(buffer.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  protected static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  final void openDriver() {
    opened = open();
  }

  @AfterEach
  final void removeEverything() {
    CowDriver driver = open();
    for (Volume volume : driver.list().volumes()) {
      driver.detach(volume.id());
      driver.deleteVolume(volume.id());
    }
    for (Snapshot snapshot : driver.list().snapshots()) {
      driver.deleteSnapshot(snapshot.id());
    }
    Listing rest = driver.list();
    driver.close();
    assertThat(rest.leftovers()).as("leftovers after a test").isEmpty();
    assertThat(rest.volumes()).as("volumes after all were deleted").isEmpty();
    assertThat(rest.snapshots()).as("snapshots after all were deleted").isEmpty();
  }

  protected final CowDriver driver() {
    CowDriver driver = opened;
    if (driver == null) {
      throw new IllegalStateException("no test is running");
    }
    return driver;
  }

  /** A new instance over the same pool, as a restart makes it. */
  protected final CowDriver reopen() {
    driver().close();
    CowDriver driver = open();
    opened = driver;
    return driver;
  }

  protected final boolean can(Capability capability) {
    return driver().capabilities().contains(capability);
  }

  protected static VolumeId volume(String id) {
    return new VolumeId(id);
  }

  protected static SnapshotId snapshot(String id) {
    return new SnapshotId(id);
  }

  protected final VolumeSpec spec() {
    return new VolumeSpec(size());
  }

  protected final Volume cloned(String id) {
    return driver().cloneVolume(volume(id), GOLDEN, CloneSpec.LIKE_ORIGIN);
  }

  /** A snapshot {@link #GOLDEN} of a volume "source" with one file; the volume is kept. */
  protected final Snapshot golden() throws IOException {
    driver().createVolume(volume("source"), spec());
    Path root = driver().attach(volume("source")).path();
    Files.writeString(root.resolve("greeting"), GREETING);
    driver().detach(volume("source"));
    return driver().createSnapshot(GOLDEN, volume("source"), SnapshotMode.DETACHED);
  }

  protected final String read(VolumeId id, String file) throws IOException {
    Path root = driver().attach(id).path();
    String content = Files.readString(root.resolve(file));
    driver().detach(id);
    return content;
  }

  protected final void write(VolumeId id, String file, String content) throws IOException {
    Attachment attachment = driver().attach(id);
    Files.writeString(attachment.path().resolve(file), content);
    driver().detach(id);
  }

  /** Asserts that the verb is refused with this error, and a message that says something. */
  protected static void assertRefused(StorageError error, ThrowingCallable verb) {
    Throwable thrown = catchThrowable(verb);
    assertThat(thrown)
        .as("expected a refusal with %s", error)
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.error()).as(e.getMessage()).isEqualTo(error));
    assertThat(thrown.getMessage()).hasSizeGreaterThan(10);
  }
}
