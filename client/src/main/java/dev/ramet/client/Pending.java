package dev.ramet.client;

import java.time.Duration;

/**
 * Work that the server has taken on and goes on with, whether or not anybody waits for it.
 *
 * <p>Thread-safe. Waiting holds one stream open and asks nothing twice; any number of threads may
 * wait.
 *
 * @param <T> what is being worked on
 */
public final class Pending<T> {
  private final T now;
  private final Wait<T> wait;

  /** How to wait for this kind of work. */
  interface Wait<T> {
    T await(Duration timeout, WaitListener<? super T> listener);
  }

  Pending(T now, Wait<T> wait) {
    this.now = now;
    this.wait = wait;
  }

  /** The thing as it was when the server took the work on. */
  public T now() {
    return now;
  }

  /**
   * Waits for the end and returns the thing as it is then. A broken connection or a coordinator
   * that restarts is waited out within the timeout.
   *
   * @throws RametException where the work failed ({@link ErrorKind#WORK_FAILED}, with the server's
   *     code), where the time is over ({@link ErrorKind#TIMEOUT}; the server goes on), and where
   *     the thread is interrupted ({@link ErrorKind#CANCELLED}; the server goes on)
   */
  public T await(Duration timeout) {
    return await(timeout, WaitListener.none());
  }

  /** Like {@link #await(Duration)}, telling the listener each change on the way. */
  public T await(Duration timeout, WaitListener<? super T> listener) {
    return wait.await(timeout, listener);
  }
}
