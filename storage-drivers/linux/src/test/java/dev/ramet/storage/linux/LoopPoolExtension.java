package dev.ramet.storage.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real pool on a loop device in a directory of its own, gone after the class's tests; fails where
 * a mount or loop device of it is left.
 */
public final class LoopPoolExtension implements BeforeAllCallback, AfterAllCallback {
  private final CowDriverProvider provider;
  private final ByteSize size;
  private Path directory = Path.of("/nonexistent");

  public LoopPoolExtension(CowDriverProvider provider, ByteSize size) {
    this.provider = provider;
    this.size = size;
  }

  public Path pool() {
    return directory.resolve("pool");
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    assertThat(System.getProperty("user.name"))
        .as("loop devices and mounts need root: run the tests as root")
        .isEqualTo("root");
    directory = Files.createTempDirectory("ramet-" + provider.name() + "-");
    provider.prepare(pool(), size);
    provider.open(pool()).close();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    try (var driver = provider.open(pool())) {
      for (var volume : driver.list().volumes()) {
        driver.detach(volume.id());
        driver.deleteVolume(volume.id());
      }
      for (var leftover : driver.list().leftovers()) {
        driver.detach(new VolumeId(Path.of(leftover.name()).getFileName().toString()));
      }
      driver.list().snapshots().forEach(snapshot -> driver.deleteSnapshot(snapshot.id()));
    }
    provider.release(pool());
    assertThat(mountsBelow(directory)).isEmpty();
    assertThat(new LoopDevices(new JnaKernel()).backedBelow(directory)).isEmpty();
    deleteAll(directory);
  }

  /** The mount table's lines that are about the directory. */
  public static List<String> mountsBelow(Path directory) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(" " + directory))
        .toList();
  }

  /** The names of everything in the pool but the content of attachments. */
  public static List<String> names(Path pool) throws IOException {
    List<String> names = new ArrayList<>();
    for (String part : List.of("volumes", "snapshots", "mnt")) {
      try (Stream<Path> files = Files.list(pool.resolve(part))) {
        files.map(file -> pool.relativize(file).toString()).sorted().forEach(names::add);
      }
    }
    return names;
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
