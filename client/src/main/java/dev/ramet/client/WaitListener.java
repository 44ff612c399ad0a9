package dev.ramet.client;

/** Is told, on the waiting thread, what happens while a call waits. */
@FunctionalInterface
public interface WaitListener<T> {
  /** The thing changed, or is seen for the first time. */
  void changed(T now);

  /** The stream broke; waiting goes on, and the connection is tried again. */
  default void interrupted(RametException cause) {}

  /** A listener that does nothing. */
  static <T> WaitListener<T> none() {
    return now -> {};
  }
}
