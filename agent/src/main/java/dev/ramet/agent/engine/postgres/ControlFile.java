package dev.ramet.agent.engine.postgres;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** The fields of {@code global/pg_control} whose place and meaning never changed. */
final class ControlFile {
  /** {@code DB_SHUTDOWNED}. */
  static final int SHUT_DOWN = 1;

  private static final int CATALOG_VERSION_OFFSET = 12;
  private static final int STATE_OFFSET = 16;

  private ControlFile() {}

  /** {@code catalog_version_no}. */
  static int catalogVersion(Path data) {
    return read(data, CATALOG_VERSION_OFFSET);
  }

  /** {@code state}. */
  static int state(Path data) {
    return read(data, STATE_OFFSET);
  }

  private static int read(Path data, int offset) {
    Path file = data.resolve("global").resolve("pg_control");
    try (RandomAccessFile control = new RandomAccessFile(file.toFile(), "r")) {
      control.seek(offset);
      return Integer.reverseBytes(control.readInt());
    } catch (IOException e) {
      throw VolumeLayout.failure("read", file, e);
    }
  }
}
