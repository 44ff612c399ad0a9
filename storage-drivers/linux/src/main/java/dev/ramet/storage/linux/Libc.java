package dev.ramet.storage.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The C library's functions by JNA direct mapping. Each throws {@link LastErrorException} with
 * errno, which JNA reads right after the call. {@code long} stands for C's 64-bit long and size_t.
 */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int ftruncate(int fd, long size) throws LastErrorException;

  static native int fsync(int fd) throws LastErrorException;

  static native int syncfs(int fd) throws LastErrorException;

  static native int fchmod(int fd, int mode) throws LastErrorException;

  static native int linkat(int oldFd, String oldPath, int newFd, String newPath, int flags)
      throws LastErrorException;

  static native int unlink(String path) throws LastErrorException;

  static native int mkdir(String path, int mode) throws LastErrorException;

  static native int rmdir(String path) throws LastErrorException;

  static native int renameat2(int fromFd, String from, int toFd, String to, int flags)
      throws LastErrorException;

  static native int fsetxattr(int fd, String name, byte[] value, long size, int flags)
      throws LastErrorException;

  static native long lgetxattr(String path, String name, byte[] value, long size)
      throws LastErrorException;

  static native int flock(int fd, int operation) throws LastErrorException;

  static native int ioctl(int fd, long request, long argument) throws LastErrorException;

  static native int ioctl(int fd, long request, Pointer argument) throws LastErrorException;

  static native long lseek(int fd, long offset, int whence) throws LastErrorException;

  static native int statfs(String path, Pointer result) throws LastErrorException;

  static native int mount(String source, String target, String type, long flags, String options)
      throws LastErrorException;

  static native int umount2(String target, int flags) throws LastErrorException;

  static native long write(int fd, byte[] content, long size) throws LastErrorException;

  static native String strerror(int errno);
}
