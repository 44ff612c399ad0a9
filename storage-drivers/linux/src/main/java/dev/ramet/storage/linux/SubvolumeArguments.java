package dev.ramet.storage.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Memory;

/**
 * {@code struct btrfs_ioctl_vol_args} (fd, name) and {@code btrfs_ioctl_vol_args_v2} (fd, transid,
 * flags, four unused words, name): include/uapi/linux/btrfs.h. Both are 4096 bytes.
 */
final class SubvolumeArguments {
  /** {@code BTRFS_SUBVOL_RDONLY}. */
  static final long READ_ONLY = 2;

  private static final int SIZE = 4096;
  private static final int NAME = 8;
  private static final int NAME_V2 = 56;
  private static final int FLAGS_V2 = 16;
  private static final int MAX_NAME = 255;

  private SubvolumeArguments() {}

  static Memory named(String name) {
    return withName(name, NAME);
  }

  static Memory deletion(String name) {
    return withName(name, NAME_V2);
  }

  static Memory snapshot(String name, int source, boolean readOnly) {
    Memory arguments = withName(name, NAME_V2);
    arguments.setLong(0, source);
    arguments.setLong(FLAGS_V2, readOnly ? READ_ONLY : 0);
    return arguments;
  }

  private static Memory withName(String name, int at) {
    byte[] bytes = name.getBytes(UTF_8);
    if (bytes.length > MAX_NAME) {
      throw new IllegalArgumentException("a subvolume's name has at most 255 bytes: " + name);
    }
    Memory arguments = new Memory(SIZE);
    arguments.clear();
    arguments.write(at, bytes, 0, bytes.length);
    return arguments;
  }
}
