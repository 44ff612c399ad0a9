package dev.ramet.agent.engine.postgres;

import java.nio.file.Path;

/**
 * A dump, as it was recognised.
 *
 * @param path of the file or folder
 * @param form what pg_dump was asked for
 * @param packing what it was packed by afterwards
 * @param sourceVersion of the server it was made from; empty: it does not say
 * @param toolVersion of the pg_dump that made it; empty: it does not say
 * @param bytes of the file, or of all files of the folder
 */
record DumpFile(
    Path path, Form form, Packing packing, String sourceVersion, String toolVersion, long bytes) {

  /** What pg_dump was asked for. */
  enum Form {
    /** {@code -Fc}. */
    CUSTOM("custom format"),
    /** {@code -Fd}: a folder. */
    DIRECTORY("directory format"),
    /** A tar file of a folder of {@code -Fd}. */
    DIRECTORY_IN_TAR("directory format in a tar file"),
    /** {@code -Ft}. */
    TAR("tar format"),
    /** Plain SQL of one database. */
    PLAIN("plain SQL"),
    /** Plain SQL of pg_dumpall. */
    CLUSTER("plain SQL of a whole server");

    private final String words;

    Form(String words) {
      this.words = words;
    }

    /** For people. */
    String words() {
      return words;
    }

    /** Whether it is text that psql reads. */
    boolean isSql() {
      return this == PLAIN || this == CLUSTER;
    }
  }

  /** What a file was packed by. */
  enum Packing {
    /** Nothing. */
    NONE(""),
    /** gzip. */
    GZIP(", gzip"),
    /** Zstandard. */
    ZSTD(", zstd");

    private final String words;

    Packing(String words) {
      this.words = words;
    }

    /** For people. */
    String words() {
      return words;
    }
  }

  /** Major version of pg_dump, else of the server; 0: unknown. */
  int major() {
    int tool = ArchiveHeader.major(toolVersion);
    return tool != 0 ? tool : ArchiveHeader.major(sourceVersion);
  }

  /** Roughly what it grows to on disk, indexes included, in bytes. */
  long dataBytes() {
    long factor =
        switch (form) {
          case PLAIN, CLUSTER -> packing == Packing.NONE ? 2 : 6;
          case CUSTOM, DIRECTORY, DIRECTORY_IN_TAR, TAR -> 4;
        };
    return EMPTY_INSTANCE + bytes * factor;
  }

  /** For people. */
  String description() {
    String from = sourceVersion.isEmpty() ? "" : " of PostgreSQL " + sourceVersion;
    return "dump%s (%s%s) in %s".formatted(from, form.words(), packing.words(), path);
  }

  private static final long EMPTY_INSTANCE = 64L << 20;
}
