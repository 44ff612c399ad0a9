package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things lie in a volume that holds a PostgreSQL instance. The relative places are the same
 * on the host and in a container.
 *
 * @param root where the volume is mounted on the host
 */
record VolumeLayout(Path root) {
  /** PGDATA. */
  static final String DATA = "data";

  /** Where the Unix socket is. */
  static final String RUN = "run";

  /** Generated configuration and the manifest: ours, not the database's. */
  static final String RAMET = "ramet";

  static final String TABLESPACES = "tablespaces";

  /** What lies in a volume is brought into this layout by way of it. */
  static final String ADOPTING = ".ramet-adopting";

  /** The file system's own. */
  static final String LOST_AND_FOUND = "lost+found";

  static final String CONFIG = RAMET + "/postgresql.conf";
  static final String HBA = RAMET + "/pg_hba.conf";
  static final String IDENT = RAMET + "/pg_ident.conf";

  Path data() {
    return root.resolve(DATA);
  }

  Path run() {
    return root.resolve(RUN);
  }

  Path log() {
    return root.resolve("log");
  }

  Path tablespaces() {
    return root.resolve(TABLESPACES);
  }

  /** What pg_tblspc has for a tablespace: it holds in every clone and in every container. */
  static Path tablespaceLink(long oid) {
    return Path.of("../../" + TABLESPACES + "/" + oid);
  }

  /** For what only the load needs, big or small. */
  Path load() {
    return root.resolve("load");
  }

  /** The source's own configuration, for people; only root may read it. */
  Path sourceConfig() {
    return root.resolve(RAMET).resolve("source");
  }

  Path manifest() {
    return root.resolve(RAMET).resolve("manifest.json");
  }

  /** Only root may look into it; it is there until the load is over. */
  Path adopting() {
    return root.resolve(ADOPTING);
  }

  /**
   * Whether a file of ours was written by us: not so on a volume that came from elsewhere, with a
   * file or link of that name.
   */
  static boolean isOurs(Path file) {
    try {
      return VolumePaths.isFolder(file.resolveSibling(""))
          && VolumePaths.isFile(file)
          && isRoots(file.resolveSibling(""))
          && isRoots(file);
    } catch (IOException e) {
      throw failure("look at", file, e);
    }
  }

  private static boolean isRoots(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
        .equals(Identity.ROOT.uid());
  }

  /** What is there while an instance is, or may be, on the volume. */
  List<Path> marks() {
    Path ramet = root.resolve(RAMET);
    return List.of(ramet.resolve("instance"), ramet.resolve("process"));
  }

  /** Written by the server when it is up. */
  Path postmasterPid() {
    return data().resolve("postmaster.pid");
  }

  /** Who owns the data. */
  Identity owner() {
    try {
      return new Identity(
          (int) Files.getAttribute(data(), "unix:uid"),
          (int) Files.getAttribute(data(), "unix:gid"));
    } catch (IOException e) {
      throw failure("read the owner of", data(), e);
    }
  }

  /** Makes an empty layout: whatever was in the volume is removed. */
  void reset(Identity owner) {
    try {
      try (Stream<Path> entries = Files.list(root)) {
        for (Path entry : entries.toList()) {
          if (!entry.getFileName().toString().equals(LOST_AND_FOUND)) {
            removeTree(entry);
          }
        }
      }
      // A server in a container reaches all of this as its own user.
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.createDirectories(root.resolve(RAMET));
      Files.createDirectories(log());
      for (Path owned : List.of(data(), run(), tablespaces(), load())) {
        createOwned(owned, owner);
      }
    } catch (IOException e) {
      throw failure("empty", root, e);
    }
  }

  void createOwned(Path folder, Identity owner) {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      own(folder, owner);
    } catch (IOException e) {
      throw failure("make", folder, e);
    }
  }

  /** Writes a file that only root reads, so that it is there whole, on the disk, or not at all. */
  static void writeDurably(Path file, byte[] content) {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.write(next, content);
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
      sync(next);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      sync(file.resolveSibling(""));
    } catch (IOException e) {
      throw failure("write", file, e);
    }
  }

  private static void sync(Path path) throws IOException {
    // Folders, too, can be opened for reading and synced on Linux.
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static void own(Path path, Identity owner) throws IOException {
    // The folder may belong to the database's user, who could put a link there.
    Files.setAttribute(path, "unix:uid", owner.uid(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", owner.gid(), LinkOption.NOFOLLOW_LINKS);
  }

  static void removeTree(Path top) {
    if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      List<Path> deepestFirst;
      try (Stream<Path> all = Files.walk(top)) {
        deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw failure("remove", top, e);
    }
  }

  static void emptyFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      entries.toList().forEach(VolumeLayout::removeTree);
    } catch (IOException e) {
      throw failure("empty", folder, e);
    }
  }

  static AgentException failure(String verb, Path path, IOException cause) {
    return new AgentException(
        AgentError.IO, "cannot %s %s: %s".formatted(verb, path, cause.getMessage()), cause);
  }
}
