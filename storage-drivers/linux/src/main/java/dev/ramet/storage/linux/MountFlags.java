package dev.ramet.storage.linux;

/** Flags of mount(2) and umount2(2). Source: {@code include/uapi/linux/mount.h}. */
public final class MountFlags {
  public static final long READ_ONLY = 1;
  public static final long NO_SETUID = 2;
  public static final long NO_DEVICES = 4;
  public static final long NO_ACCESS_TIMES = 1024;
  public static final long BIND = 4096;

  private MountFlags() {}
}
