package dev.ramet.storage.linux.btrfs;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.linux.Attribute;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The subvolumes in one directory of the pool. A new one is made under a name that is no id, gets
 * its attributes, and is renamed last: what has an id for a name is whole.
 */
final class Subvolumes {
  private static final String NEW = ".new.";

  private final Kernel kernel;
  private final Path directory;

  Subvolumes(Kernel kernel, Path directory) {
    this.kernel = kernel;
    this.directory = directory;
  }

  Path path(String id) {
    return directory.resolve(id);
  }

  boolean exists(String id) {
    return Files.isDirectory(path(id));
  }

  <T> Optional<T> attribute(String id, String name, Function<String, T> meaning)
      throws IOException {
    return Attribute.read(kernel, path(id), name, meaning);
  }

  /** An empty one. */
  void create(String id, Map<String, String> attributes) throws IOException {
    try (Descriptor parent = openDirectory(directory)) {
      dropUnfinished(parent, id);
      kernel.createSubvolume(parent.fd(), NEW + id);
      finish(id, attributes, false);
    }
  }

  /** One that shares everything with the source, attributes too. */
  void snapshot(String id, Path source, Map<String, String> attributes, boolean readOnly)
      throws IOException {
    try (Descriptor parent = openDirectory(directory);
        Descriptor from = openDirectory(source)) {
      dropUnfinished(parent, id);
      kernel.snapshotSubvolume(parent.fd(), NEW + id, from.fd(), false);
      finish(id, attributes, readOnly);
    }
  }

  private void finish(String id, Map<String, String> attributes, boolean readOnly)
      throws IOException {
    Path unfinished = path(NEW + id);
    try (Descriptor made = openDirectory(unfinished)) {
      for (Map.Entry<String, String> attribute : attributes.entrySet()) {
        kernel.setAttribute(made.fd(), attribute.getKey(), attribute.getValue());
      }
      if (readOnly) {
        kernel.sync(made.fd());
        kernel.setSubvolumeReadOnly(made.fd(), true);
      }
      kernel.rename(unfinished, path(id));
    }
    if (readOnly) {
      Descriptor.syncDirectory(kernel, directory);
    }
  }

  private void dropUnfinished(Descriptor parent, String id) throws IOException {
    if (Files.exists(path(NEW + id))) {
      kernel.deleteSubvolume(parent.fd(), NEW + id);
    }
  }

  /** Removes it and what an unfinished verb left of it. */
  void delete(String id) throws IOException {
    try (Descriptor parent = openDirectory(directory)) {
      dropUnfinished(parent, id);
      tolerating(Errno.ENOENT, () -> kernel.deleteSubvolume(parent.fd(), id));
    }
  }

  /** The names of all that are whole. */
  List<String> names() throws IOException {
    return entries().stream().filter(name -> !name.startsWith(".")).toList();
  }

  /** The names of those that are not. */
  List<String> unfinished() throws IOException {
    return entries().stream().filter(name -> name.startsWith(".")).toList();
  }

  private List<String> entries() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      found.forEach(path -> names.add(path.getFileName().toString()));
    } catch (NotDirectoryException e) {
      throw new IOException(directory + " is no directory of a pool", e);
    }
    names.sort(null);
    return names;
  }

  private Descriptor openDirectory(Path path) throws KernelException {
    return Descriptor.open(kernel, path, OpenFlags.READ_ONLY | OpenFlags.DIRECTORY);
  }
}
