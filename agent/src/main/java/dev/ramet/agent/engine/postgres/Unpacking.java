package dev.ramet.agent.engine.postgres;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Reads files that may be packed by gzip or Zstandard. */
final class Unpacking {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private Unpacking() {}

  /** By the file's first bytes, whatever its name. */
  static DumpFile.Packing packingOf(byte[] head) {
    if (startsWith(head, GZIP_MAGIC)) {
      return DumpFile.Packing.GZIP;
    }
    return startsWith(head, ZSTD_MAGIC) ? DumpFile.Packing.ZSTD : DumpFile.Packing.NONE;
  }

  /** The unpacked content; {@code counter} sees each byte of the file itself. */
  static InputStream open(Path file, DumpFile.Packing packing, CountingInput.Listener counter)
      throws IOException {
    InputStream raw = new CountingInput(Files.newInputStream(file), counter);
    try {
      InputStream buffered = new BufferedInputStream(raw, BUFFER_BYTES);
      return switch (packing) {
        case NONE -> buffered;
        case GZIP -> new GZIPInputStream(buffered, BUFFER_BYTES);
        case ZSTD -> new ZstdInputStream(buffered);
      };
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private static boolean startsWith(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }
}
