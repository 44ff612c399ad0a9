package dev.ramet.storage.testkit;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The reference driver passes the suite. */
class InMemoryDriverTest extends CowDriverContract {
  @TempDir Path directory;
  private InMemoryPool pool;

  @Override
  protected CowDriver open() {
    if (pool == null) {
      pool = new InMemoryPool(directory, ByteSize.ofMebi(256));
    }
    return pool.open();
  }

  @Override
  protected AutoCloseable fillPool() {
    return pool.fill();
  }
}
