package dev.ramet.storage.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pools where the file system cannot be one: made, mounted, mounted again, released. */
class LoopPoolIT {
  private static final ByteSize SIZE = ByteSize.ofMebi(400);

  @TempDir(factory = PlainFolder.class)
  Path directory;

  static List<CowDriverProvider> providers() {
    return ServiceLoader.load(CowDriverProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    providers().forEach(provider -> provider.release(pool()));
    assertThat(LoopPoolExtension.mountsBelow(directory)).isEmpty();
    assertThat(new LoopDevices(new JnaKernel()).backedBelow(directory)).isEmpty();
  }

  private Path pool() {
    return directory.resolve("a pool");
  }

  @Test
  void bothDriversAreFoundByName() {
    assertThat(providers())
        .extracting(CowDriverProvider::name)
        .containsExactlyInAnyOrder("reflink", "btrfs");
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aPoolKeepsItsContentWhenItIsReleasedAndPreparedAgain(CowDriverProvider provider) {
    provider.prepare(pool(), SIZE);
    provider.prepare(pool(), SIZE);
    try (CowDriver driver = provider.open(pool())) {
      driver.createVolume(new VolumeId("kept"), new VolumeSpec(ByteSize.ofMebi(64)));
    }
    provider.release(pool());
    provider.release(pool());
    assertThat(pool()).isEmptyDirectory();
    provider.prepare(pool(), SIZE);
    try (CowDriver driver = provider.open(pool())) {
      assertThat(driver.findVolume(new VolumeId("kept"))).isPresent();
      driver.deleteVolume(new VolumeId("kept"));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aPoolInUseIsNotReleasedAndItsUserIsNamed(CowDriverProvider provider) throws IOException {
    provider.prepare(pool(), SIZE);
    try (OutputStream open = Files.newOutputStream(pool().resolve("open"))) {
      open.write(1);
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> provider.release(pool()))
          .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.IN_USE))
          .withMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
    provider.release(pool());
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aDirectoryWithContentIsNotHiddenByAPool(CowDriverProvider provider) throws IOException {
    Files.createDirectories(pool());
    Files.writeString(pool().resolve("precious"), "content");
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> provider.prepare(pool(), SIZE))
        .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.POOL_UNHEALTHY))
        .withMessageContaining("has content");
    assertThat(LoopPool.image(pool())).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aPoolThatIsTooSmallIsRefusedAndNothingIsLeft(CowDriverProvider provider) {
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> provider.prepare(pool(), ByteSize.ofMebi(1)))
        .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.INVALID_ARGUMENT));
    assertThat(LoopPool.image(pool())).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void anUnpreparedDirectoryIsNoPool(CowDriverProvider provider) throws IOException {
    Files.createDirectories(pool());
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> provider.open(pool()))
        .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.POOL_UNHEALTHY));
    assertThat(pool()).isEmptyDirectory();
  }
}
