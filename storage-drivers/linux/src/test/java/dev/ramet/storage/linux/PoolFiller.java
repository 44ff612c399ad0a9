package dev.ramet.storage.linux;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes the room of a pool by a file in it until it is closed. */
public final class PoolFiller implements AutoCloseable {
  private final Path file;

  public PoolFiller(Path pool) throws IOException {
    this.file = pool.resolve("filler");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] chunk = new byte[1 << 20];
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    Files.delete(file);
  }
}
