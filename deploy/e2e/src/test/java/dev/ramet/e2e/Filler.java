package dev.ramet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that takes what is left in a pool. */
final class Filler implements AutoCloseable {
  private static final long BLOCK = 4096;

  private final Path file;

  private Filler(Path file) {
    this.file = file;
  }

  /**
   * Takes the room at once, whatever the pool's size.
   *
   * @param leaving bytes that stay free, more or less
   */
  static Filler of(Path pool, long leaving) throws IOException {
    Filler filler = new Filler(pool.resolve("filler"));
    long rest = Files.getFileStore(pool).getUsableSpace() - leaving;
    // a file system keeps a little for itself: what does not fit at once may in smaller pieces
    for (long piece = rest; piece >= BLOCK && rest >= BLOCK; piece /= 2) {
      filler.grow(Math.min(piece, rest));
      rest = Files.getFileStore(pool).getUsableSpace() - leaving;
    }
    return filler;
  }

  private void grow(long bytes) throws IOException {
    long now = Files.exists(file) ? Files.size(file) : 0;
    Command.run("fallocate", "-o", "" + now, "-l", "" + bytes, file.toString());
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
