package dev.ramet.storage.linux;

import java.io.IOException;

/** A system call failed. */
public final class KernelException extends IOException {
  private final int errno;

  /**
   * @param call the call and what it was about: "mount /dev/loop3 on /pool/mnt/a"
   * @param errno the error number
   * @param text the kernel's words for it
   */
  public KernelException(String call, int errno, String text) {
    super("%s: %s (errno %d)".formatted(call, text, errno));
    this.errno = errno;
  }

  /** The error number, one of {@link Errno}'s or another. */
  public int errno() {
    return errno;
  }

  /** Whether it is this error number. */
  public boolean is(int number) {
    return errno == number;
  }

  /** Calls whose failure may be of no account. */
  @FunctionalInterface
  public interface Call {
    void run() throws IOException;
  }

  /**
   * Runs the call; this one error number is as good as success: what was to be made is there, or
   * what was to be removed is gone.
   *
   * @return whether the call succeeded
   */
  public static boolean tolerating(int errno, Call call) throws IOException {
    try {
      call.run();
      return true;
    } catch (KernelException e) {
      if (e.is(errno)) {
        return false;
      }
      throw e;
    }
  }
}
