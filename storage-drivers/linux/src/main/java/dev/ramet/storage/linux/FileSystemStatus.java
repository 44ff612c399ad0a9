package dev.ramet.storage.linux;

/**
 * A mounted file system, as statfs(2) tells ({@code struct statfs}).
 *
 * @param type magic number ({@code include/uapi/linux/magic.h})
 * @param total bytes
 * @param free bytes that can be allocated
 * @param readOnly mounted read-only ({@code ST_RDONLY})
 */
public record FileSystemStatus(long type, long total, long free, boolean readOnly) {
  public static final long XFS = 0x58465342L;
  public static final long BTRFS = 0x9123683EL;
}
