package dev.ramet.agent.engine.postgres;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The head of an archive of pg_dump (custom format, or {@code toc.dat} of the others), as
 * PostgreSQL's pg_backup_archiver.c writes it.
 *
 * @param sourceVersion of the server it was made from, "15.4"
 * @param toolVersion of the pg_dump that made it
 */
record ArchiveHeader(String sourceVersion, String toolVersion) {
  static final String MAGIC = "PGDMP";

  private static final int DATE_FIELDS = 7;
  private static final int LONGEST_STRING = 10_000;

  /** Reads it; an IOException says that it is none. */
  static ArchiveHeader read(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    byte[] magic = in.readNBytes(MAGIC.length());
    if (!new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
      throw new IOException("it does not begin with " + MAGIC);
    }
    int version = in.readUnsignedByte() * 100 + in.readUnsignedByte();
    if (version < 112) {
      throw new IOException("its archive version is older than PostgreSQL 9");
    }
    in.readUnsignedByte(); // revision
    int intSize = in.readUnsignedByte();
    if (intSize < 1 || intSize > 8) {
      throw new IOException("it has integers of " + intSize + " bytes");
    }
    in.readUnsignedByte(); // size of offsets
    in.readUnsignedByte(); // format: a folder, too, calls itself tar
    if (version >= 115) {
      in.readUnsignedByte(); // compression algorithm
    } else {
      integer(in, intSize); // compression level
    }
    for (int i = 0; i < DATE_FIELDS; i++) {
      integer(in, intSize);
    }
    string(in, intSize); // name of the database
    return new ArchiveHeader(string(in, intSize), string(in, intSize));
  }

  /** Major version of the pg_dump that made it. */
  int toolMajor() {
    return major(toolVersion);
  }

  /** 15 of "15.4 (Debian 15.4-1)"; 0 where there is none. */
  static int major(String version) {
    String digits = version.strip().replaceFirst("^(\\d{1,4}).*", "$1");
    return digits.matches("\\d{1,4}") ? Integer.parseInt(digits) : 0;
  }

  private static long integer(DataInputStream in, int size) throws IOException {
    boolean negative = in.readUnsignedByte() != 0;
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) in.readUnsignedByte() << (8 * i);
    }
    return negative ? -value : value;
  }

  private static String string(DataInputStream in, int intSize) throws IOException {
    long length = integer(in, intSize);
    if (length < 0) {
      return "";
    }
    if (length > LONGEST_STRING) {
      throw new IOException("it has a name of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("it ends early");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
