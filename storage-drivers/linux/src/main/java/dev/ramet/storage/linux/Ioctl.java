package dev.ramet.storage.linux;

/**
 * Request numbers of ioctl(2). An encoded one is direction, size of the argument, magic and number
 * ({@code include/uapi/asm-generic/ioctl.h}); x86-64 and arm64 agree.
 */
final class Ioctl {
  /** {@code _IOW(0x94, 9, int)}: include/uapi/linux/fs.h. */
  static final long FICLONE = 0x40049409L;

  /** {@code _IOWR('f', 11, struct fiemap)}: include/uapi/linux/fs.h. */
  static final long FS_IOC_FIEMAP = 0xC020660BL;

  /** include/uapi/linux/loop.h. */
  static final long LOOP_CLR_FD = 0x4C01;

  /** include/uapi/linux/loop.h; since Linux 5.8. */
  static final long LOOP_CONFIGURE = 0x4C0A;

  /** include/uapi/linux/loop.h, on /dev/loop-control. */
  static final long LOOP_CTL_GET_FREE = 0x4C82;

  /** {@code _IOW(0x94, 14, struct btrfs_ioctl_vol_args)}: include/uapi/linux/btrfs.h. */
  static final long BTRFS_SUBVOL_CREATE = 0x5000940EL;

  /** {@code _IOW(0x94, 23, struct btrfs_ioctl_vol_args_v2)}. */
  static final long BTRFS_SNAP_CREATE_V2 = 0x50009417L;

  /** {@code _IOR(0x94, 25, __u64)}. */
  static final long BTRFS_SUBVOL_GETFLAGS = 0x80089419L;

  /** {@code _IOW(0x94, 26, __u64)}. */
  static final long BTRFS_SUBVOL_SETFLAGS = 0x4008941AL;

  /** {@code _IOW(0x94, 63, struct btrfs_ioctl_vol_args_v2)}; since Linux 5.7. */
  static final long BTRFS_SNAP_DESTROY_V2 = 0x5000943FL;

  private Ioctl() {}
}
