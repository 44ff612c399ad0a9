package dev.ramet.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A few lines of text in a file that is either the old one or the new one after a crash at any
 * point: it is written beside, synced, and renamed into place.
 */
public final class StateFile {
  private final Path file;

  /** A file that may not exist yet, in a directory that does. */
  public StateFile(Path file) {
    this.file = file;
  }

  /** The lines; empty where it was never written. */
  public Optional<String> read() throws IOException {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Replaces the lines. On return they survive a loss of power. */
  public void write(String lines) throws IOException {
    replace(lines, true);
    syncFolder();
  }

  /**
   * Replaces the lines without waiting for the disk: whoever is killed leaves the old or the new
   * ones, a loss of power may leave none that can be read.
   */
  public void writeSoon(String lines) throws IOException {
    replace(lines, false);
  }

  private void replace(String lines, boolean sync) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.wrap((lines + "\n").getBytes(StandardCharsets.UTF_8));
      while (content.hasRemaining()) {
        channel.write(content);
      }
      if (sync) {
        channel.force(true);
      }
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes it, durably too. Missing: nothing to do. */
  public void remove() throws IOException {
    if (Files.deleteIfExists(file)) {
      syncFolder();
    }
  }

  private void syncFolder() throws IOException {
    try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
      directory.force(true);
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }

  /**
   * Whether a file could not be removed because its file system takes no writes any more: an error
   * does that to a volume's. All that is left to do is to remove the volume, and the file with it.
   */
  public static boolean isReadOnly(IOException failure) {
    return failure instanceof FileSystemException on
        && "Read-only file system".equals(on.getReason());
  }
}
