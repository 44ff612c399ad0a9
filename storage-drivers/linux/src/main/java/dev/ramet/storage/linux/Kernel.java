package dev.ramet.storage.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The system calls that storage drivers make: each method is one call, and every change that a
 * driver makes goes through here. An interface, so that another binding can drop in and a test can
 * cut a verb between any two calls.
 *
 * <p>All methods throw {@link KernelException} with the error number. Safe for concurrent use.
 */
public interface Kernel {

  /** open(2); {@code O_CLOEXEC} is always set. */
  int open(Path path, int flags, int mode) throws KernelException;

  /** close(2). Errors are not reported: what must be durable is synced before. */
  void close(int fd);

  /** ftruncate(2). */
  void truncate(int fd, long size) throws KernelException;

  /** fsync(2). */
  void sync(int fd) throws KernelException;

  /** fchmod(2). */
  void changeMode(int fd, int mode) throws KernelException;

  /** linkat(2) with {@code AT_EMPTY_PATH}: gives an unnamed file its name; never replaces one. */
  void link(int fd, Path target) throws KernelException;

  /** unlink(2). */
  void unlink(Path path) throws KernelException;

  /** mkdir(2). */
  void makeDirectory(Path path, int mode) throws KernelException;

  /** rmdir(2). */
  void removeDirectory(Path path) throws KernelException;

  /** renameat2(2) with {@code RENAME_NOREPLACE}. */
  void rename(Path from, Path to) throws KernelException;

  /** fsetxattr(2). */
  void setAttribute(int fd, String name, String value) throws KernelException;

  /** lgetxattr(2); empty where the attribute is not set. */
  Optional<String> attribute(Path path, String name) throws KernelException;

  /**
   * flock(2) with {@code LOCK_EX|LOCK_NB}. The lock belongs to the open file description, so it
   * lasts while a loop device that was configured with the descriptor lasts.
   *
   * @return false where another holds it
   */
  boolean lock(int fd) throws KernelException;

  /**
   * ioctl {@code FICLONE} ({@code include/uapi/linux/fs.h}): target shares all blocks of source.
   */
  void cloneFile(int target, int source) throws KernelException;

  /**
   * ioctl {@code FS_IOC_FIEMAP} with {@code FIEMAP_FLAG_SYNC}: the next extents at or after the
   * offset, some hundreds at most; none at the end.
   */
  List<Extent> extents(int fd, long offset) throws KernelException;

  /** lseek(2) {@code SEEK_DATA}; empty where no data follows. */
  OptionalLong nextData(int fd, long offset) throws KernelException;

  /** lseek(2) {@code SEEK_HOLE}; the end of the file counts as a hole. */
  long nextHole(int fd, long offset) throws KernelException;

  /** statfs(2). */
  FileSystemStatus fileSystem(Path path) throws KernelException;

  /**
   * ioctl {@code LOOP_CTL_GET_FREE} ({@code include/uapi/linux/loop.h}): a free device's number.
   */
  int freeLoop(int control) throws KernelException;

  /**
   * ioctl {@code LOOP_CONFIGURE} (Linux 5.8) with {@code LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO}:
   * the device lives as long as somebody has it open or mounted.
   */
  void configureLoop(int loop, int backing, LoopShape shape) throws KernelException;

  /** ioctl {@code LOOP_CLR_FD}: clears the device now, or at its last close. */
  void clearLoop(int loop) throws KernelException;

  /** mount(2). */
  void mount(String source, Path target, String type, long flags, String options)
      throws KernelException;

  /** umount2(2) with {@code UMOUNT_NOFOLLOW}. */
  void unmount(Path target) throws KernelException;

  /**
   * umount2(2) with {@code UMOUNT_NOFOLLOW | MNT_DETACH}: out of the tree now, released when nobody
   * uses it any more.
   */
  void unmountLazily(Path target) throws KernelException;

  /** write(2) of some bytes to a new file, which takes them all or fails. */
  void write(int fd, String content) throws KernelException;

  /** open(2), write(2) and close(2) of a sysfs attribute. */
  void writeAttributeFile(Path path, String content) throws KernelException;

  /** ioctl {@code BTRFS_IOC_SUBVOL_CREATE} ({@code include/uapi/linux/btrfs.h}). */
  void createSubvolume(int parent, String name) throws KernelException;

  /** ioctl {@code BTRFS_IOC_SNAP_CREATE_V2}; read-only is {@code BTRFS_SUBVOL_RDONLY}. */
  void snapshotSubvolume(int parent, String name, int source, boolean readOnly)
      throws KernelException;

  /** ioctl {@code BTRFS_IOC_SNAP_DESTROY_V2}. */
  void deleteSubvolume(int parent, String name) throws KernelException;

  /** ioctl {@code BTRFS_IOC_SUBVOL_SETFLAGS}: read-only or writable. */
  void setSubvolumeReadOnly(int subvolume, boolean readOnly) throws KernelException;

  /** ioctl {@code BTRFS_IOC_SUBVOL_GETFLAGS}: whether it is read-only. */
  boolean subvolumeReadOnly(int subvolume) throws KernelException;

  /** syncfs(2): also frees what was deleted, where the file system does that later. */
  void syncFileSystem(int fd) throws KernelException;
}
