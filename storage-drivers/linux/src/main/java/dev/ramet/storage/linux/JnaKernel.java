package dev.ramet.storage.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The kernel through the C library and JNA. Holds no state. */
public final class JnaKernel implements Kernel {
  /** {@code AT_FDCWD}, {@code AT_EMPTY_PATH}: include/uapi/linux/fcntl.h. */
  private static final int AT_WORKING_DIRECTORY = -100;

  private static final int AT_EMPTY_PATH = 0x1000;

  /** include/uapi/linux/fs.h. */
  private static final int RENAME_NOREPLACE = 1;

  /** {@code LOCK_EX | LOCK_NB}: include/uapi/asm-generic/fcntl.h. */
  private static final int LOCK_EXCLUSIVE_NOW = 2 | 4;

  /** {@code SEEK_DATA}, {@code SEEK_HOLE}: include/uapi/linux/fs.h. */
  private static final int SEEK_DATA = 3;

  private static final int SEEK_HOLE = 4;

  /** {@code UMOUNT_NOFOLLOW}: include/linux/fs.h. */
  private static final int UMOUNT_NOFOLLOW = 8;

  /** {@code MNT_DETACH}: include/linux/fs.h. */
  private static final int MNT_DETACH = 2;

  private static final int MAX_ATTRIBUTE = 512;

  /** A call that answers with a number. */
  private interface Call {
    long run() throws LastErrorException;
  }

  private static long call(String what, Call call) throws KernelException {
    try {
      return call.run();
    } catch (LastErrorException e) {
      throw new KernelException(what, e.getErrorCode(), Libc.strerror(e.getErrorCode()));
    }
  }

  @Override
  public int open(Path path, int flags, int mode) throws KernelException {
    int all = flags | OpenFlags.CLOSE_ON_EXEC;
    return (int) call("open " + path, () -> Libc.open(path.toString(), all, mode));
  }

  @Override
  public void close(int fd) {
    try {
      Libc.close(fd);
    } catch (LastErrorException e) {
      // Linux releases the descriptor whatever close(2) answers, and nothing here relies on it.
      return;
    }
  }

  @Override
  public void truncate(int fd, long size) throws KernelException {
    call("ftruncate to " + size, () -> Libc.ftruncate(fd, size));
  }

  @Override
  public void sync(int fd) throws KernelException {
    call("fsync", () -> Libc.fsync(fd));
  }

  @Override
  public void syncFileSystem(int fd) throws KernelException {
    call("syncfs", () -> Libc.syncfs(fd));
  }

  @Override
  public void changeMode(int fd, int mode) throws KernelException {
    call("fchmod", () -> Libc.fchmod(fd, mode));
  }

  @Override
  public void link(int fd, Path target) throws KernelException {
    call(
        "linkat " + target,
        () -> Libc.linkat(fd, "", AT_WORKING_DIRECTORY, target.toString(), AT_EMPTY_PATH));
  }

  @Override
  public void unlink(Path path) throws KernelException {
    call("unlink " + path, () -> Libc.unlink(path.toString()));
  }

  @Override
  public void makeDirectory(Path path, int mode) throws KernelException {
    call("mkdir " + path, () -> Libc.mkdir(path.toString(), mode));
  }

  @Override
  public void removeDirectory(Path path) throws KernelException {
    call("rmdir " + path, () -> Libc.rmdir(path.toString()));
  }

  @Override
  public void rename(Path from, Path to) throws KernelException {
    call(
        "rename %s to %s".formatted(from, to),
        () ->
            Libc.renameat2(
                AT_WORKING_DIRECTORY,
                from.toString(),
                AT_WORKING_DIRECTORY,
                to.toString(),
                RENAME_NOREPLACE));
  }

  @Override
  public void setAttribute(int fd, String name, String value) throws KernelException {
    byte[] bytes = value.getBytes(UTF_8);
    call("fsetxattr " + name, () -> Libc.fsetxattr(fd, name, bytes, bytes.length, 0));
  }

  @Override
  public Optional<String> attribute(Path path, String name) throws KernelException {
    byte[] value = new byte[MAX_ATTRIBUTE];
    try {
      long length = Libc.lgetxattr(path.toString(), name, value, value.length);
      return Optional.of(new String(value, 0, (int) length, UTF_8));
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ENODATA) {
        return Optional.empty();
      }
      throw new KernelException(
          "lgetxattr %s of %s".formatted(name, path),
          e.getErrorCode(),
          Libc.strerror(e.getErrorCode()));
    }
  }

  @Override
  public boolean lock(int fd) throws KernelException {
    try {
      call("flock", () -> Libc.flock(fd, LOCK_EXCLUSIVE_NOW));
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.EAGAIN)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void cloneFile(int target, int source) throws KernelException {
    call("ioctl FICLONE", () -> Libc.ioctl(target, Ioctl.FICLONE, source));
  }

  @Override
  public List<Extent> extents(int fd, long offset) throws KernelException {
    try (Memory map = ExtentMap.request(offset)) {
      call("ioctl FS_IOC_FIEMAP", () -> Libc.ioctl(fd, Ioctl.FS_IOC_FIEMAP, map));
      int count = ExtentMap.count(map);
      List<Extent> extents = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        extents.add(ExtentMap.extent(map, i));
      }
      return extents;
    }
  }

  @Override
  public OptionalLong nextData(int fd, long offset) throws KernelException {
    try {
      return OptionalLong.of(call("lseek SEEK_DATA", () -> Libc.lseek(fd, offset, SEEK_DATA)));
    } catch (KernelException e) {
      if (e.is(Errno.ENXIO)) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  @Override
  public long nextHole(int fd, long offset) throws KernelException {
    return call("lseek SEEK_HOLE", () -> Libc.lseek(fd, offset, SEEK_HOLE));
  }

  /** {@code struct statfs} of include/uapi/asm-generic/statfs.h, on 64 bits. */
  @Override
  public FileSystemStatus fileSystem(Path path) throws KernelException {
    try (Memory result = new Memory(120)) {
      call("statfs " + path, () -> Libc.statfs(path.toString(), result));
      long blockSize = result.getLong(8);
      return new FileSystemStatus(
          result.getLong(0),
          result.getLong(16) * blockSize,
          result.getLong(32) * blockSize,
          (result.getLong(80) & MountFlags.READ_ONLY) != 0);
    }
  }

  @Override
  public int freeLoop(int control) throws KernelException {
    return (int)
        call("ioctl LOOP_CTL_GET_FREE", () -> Libc.ioctl(control, Ioctl.LOOP_CTL_GET_FREE, 0L));
  }

  @Override
  public void configureLoop(int loop, int backing, LoopShape shape) throws KernelException {
    try (Memory config = LoopConfiguration.of(backing, shape)) {
      call("ioctl LOOP_CONFIGURE", () -> Libc.ioctl(loop, Ioctl.LOOP_CONFIGURE, config));
    }
  }

  @Override
  public void clearLoop(int loop) throws KernelException {
    call("ioctl LOOP_CLR_FD", () -> Libc.ioctl(loop, Ioctl.LOOP_CLR_FD, 0L));
  }

  @Override
  public void mount(String source, Path target, String type, long flags, String options)
      throws KernelException {
    call(
        "mount %s as %s on %s".formatted(source, type, target),
        () -> Libc.mount(source, target.toString(), type, flags, options));
  }

  @Override
  public void unmount(Path target) throws KernelException {
    call("umount2 " + target, () -> Libc.umount2(target.toString(), UMOUNT_NOFOLLOW));
  }

  @Override
  public void unmountLazily(Path target) throws KernelException {
    call("umount2 " + target, () -> Libc.umount2(target.toString(), UMOUNT_NOFOLLOW | MNT_DETACH));
  }

  @Override
  public void write(int fd, String content) throws KernelException {
    byte[] bytes = content.getBytes(UTF_8);
    call("write", () -> Libc.write(fd, bytes, bytes.length));
  }

  @Override
  public void writeAttributeFile(Path path, String content) throws KernelException {
    byte[] bytes = content.getBytes(UTF_8);
    int fd = open(path, OpenFlags.READ_WRITE, 0);
    try {
      call("write " + path, () -> Libc.write(fd, bytes, bytes.length));
    } finally {
      close(fd);
    }
  }

  @Override
  public void createSubvolume(int parent, String name) throws KernelException {
    subvolumeCall("BTRFS_IOC_SUBVOL_CREATE", Ioctl.BTRFS_SUBVOL_CREATE, parent, name);
  }

  @Override
  public void deleteSubvolume(int parent, String name) throws KernelException {
    try (Memory arguments = SubvolumeArguments.deletion(name)) {
      call(
          "ioctl BTRFS_IOC_SNAP_DESTROY_V2 " + name,
          () -> Libc.ioctl(parent, Ioctl.BTRFS_SNAP_DESTROY_V2, arguments));
    }
  }

  @Override
  public void snapshotSubvolume(int parent, String name, int source, boolean readOnly)
      throws KernelException {
    try (Memory arguments = SubvolumeArguments.snapshot(name, source, readOnly)) {
      call(
          "ioctl BTRFS_IOC_SNAP_CREATE_V2 " + name,
          () -> Libc.ioctl(parent, Ioctl.BTRFS_SNAP_CREATE_V2, arguments));
    }
  }

  @Override
  public void setSubvolumeReadOnly(int subvolume, boolean readOnly) throws KernelException {
    try (Memory flags = new Memory(Long.BYTES)) {
      flags.setLong(0, readOnly ? SubvolumeArguments.READ_ONLY : 0);
      call(
          "ioctl BTRFS_IOC_SUBVOL_SETFLAGS",
          () -> Libc.ioctl(subvolume, Ioctl.BTRFS_SUBVOL_SETFLAGS, flags));
    }
  }

  @Override
  public boolean subvolumeReadOnly(int subvolume) throws KernelException {
    try (Memory flags = new Memory(Long.BYTES)) {
      call(
          "ioctl BTRFS_IOC_SUBVOL_GETFLAGS",
          () -> Libc.ioctl(subvolume, Ioctl.BTRFS_SUBVOL_GETFLAGS, flags));
      return (flags.getLong(0) & SubvolumeArguments.READ_ONLY) != 0;
    }
  }

  private static void subvolumeCall(String what, long request, int parent, String name)
      throws KernelException {
    try (Memory arguments = SubvolumeArguments.named(name)) {
      call("ioctl %s %s".formatted(what, name), () -> Libc.ioctl(parent, request, arguments));
    }
  }
}
