package dev.ramet.storage.linux;

/**
 * Flags of open(2). Source: {@code include/uapi/asm-generic/fcntl.h}; arm64 swaps three of them
 * ({@code arch/arm64/include/uapi/asm/fcntl.h}).
 */
public final class OpenFlags {
  private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));

  public static final int READ_ONLY = 0;
  public static final int READ_WRITE = 2;
  public static final int CREATE = 0x40;
  public static final int CLOSE_ON_EXEC = 0x80000;
  public static final int DIRECTORY = ARM ? 0x4000 : 0x10000;
  public static final int NO_FOLLOW = ARM ? 0x8000 : 0x20000;

  /** {@code O_TMPFILE}: a file without a name, gone with its last descriptor unless linked. */
  public static final int UNNAMED = 0x400000 | DIRECTORY;

  private OpenFlags() {}
}
