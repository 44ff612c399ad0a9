package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.runtime.AttachedVolume;
import dev.ramet.agent.runtime.Volumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Volumes that are plain folders of one pool, "p". */
final class TestVolumes implements Volumes {
  static final String POOL = "p";

  private final Path folder;
  private final Map<String, Path> roots = new ConcurrentHashMap<>();

  TestVolumes(Path folder) {
    this.folder = folder;
  }

  Path create(String volume) {
    try {
      Path root = Files.createDirectories(folder.resolve(volume));
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      roots.put(volume, root);
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void use(String volume, Path root) {
    roots.put(volume, root);
  }

  Path copy(String from, String to) throws InterruptedException {
    Path target = folder.resolve(to);
    Completed copied =
        Commands.run(
            Command.of("cp", "-a", "--reflink=auto", roots.get(from).toString(), target.toString()),
            Duration.ofMinutes(1));
    if (!copied.ok()) {
      throw new AssertionError(copied.output());
    }
    roots.put(to, target);
    return target;
  }

  @Override
  public Optional<Path> mountOf(String pool, String volume) {
    return pool.equals(POOL) ? Optional.ofNullable(roots.get(volume)) : Optional.empty();
  }

  @Override
  public Search named(String volume) {
    return new Search(
        mountOf(POOL, volume).stream().map(root -> new AttachedVolume(POOL, volume, root)).toList(),
        List.of(),
        true);
  }

  @Override
  public void whileAttached(String pool, String volume, Consumer<Path> look) {
    throw new UnsupportedOperationException("folders are never detached");
  }

  @Override
  public List<AttachedVolume> attached() {
    return roots.entrySet().stream()
        .map(entry -> new AttachedVolume(POOL, entry.getKey(), entry.getValue()))
        .toList();
  }
}
