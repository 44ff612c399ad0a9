package dev.ramet.coordinator.testing.users;

import dev.ramet.client.RametException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** How a user asks: once where all is well, again and again where things are being killed. */
public final class Asking {
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Refused for a state of things that passes. */
  private static final Set<String> PASSING =
      Set.of(
          "BEING_DELETED",
          "CLONE_NOT_READY",
          "CONCURRENT_CHANGE",
          "HOST_LOST",
          "IMAGE_NOT_READY",
          "INSTANCE_NOT_RUNNING",
          "NO_HOST",
          "NO_REPLICA",
          "RUNTIME_UNAVAILABLE",
          "SAVE_FAILED",
          "SAVE_NOT_READY");

  private final Duration patience;

  private Asking(Duration patience) {
    this.patience = patience;
  }

  /** Whatever does not succeed at the first time has failed. */
  public static Asking once() {
    return new Asking(Duration.ZERO);
  }

  /** What may pass is asked again for so long. */
  public static Asking again(Duration patience) {
    return new Asking(patience);
  }

  boolean isPatient() {
    return patience.isPositive();
  }

  /**
   * The refusal that stands at the end; null: it was done.
   *
   * @param fine a refusal that is awaited; empty: none is
   */
  @Nullable RametException refusal(String fine, Callable<?> request) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        request.call();
        return null;
      } catch (RametException e) {
        if (e.code().equals(fine) || !passes(e) || System.nanoTime() > end) {
          return e;
        }
      }
      Thread.sleep(PAUSE);
    }
  }

  /** What nobody is told of when it has come; failures that pass are none. */
  void until(Duration within, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + within.toNanos();
    while (!isSo(condition)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + within);
      }
      Thread.sleep(PAUSE);
    }
  }

  private boolean isSo(Callable<Boolean> condition) throws Exception {
    try {
      return condition.call();
    } catch (RametException e) {
      if (isPatient() && passes(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Until it does not throw. */
  void untilDone(Callable<?> work) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        work.call();
        return;
      } catch (Exception e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
      Thread.sleep(PAUSE);
    }
  }

  private static boolean passes(RametException e) {
    return e.retryable()
        || switch (e.kind()) {
          case UNAVAILABLE, TIMEOUT, WORK_FAILED -> true;
          case CONFLICT, PRECONDITION, INVALID, NOT_FOUND -> PASSING.contains(e.code());
          case UNSUPPORTED, DENIED, CANCELLED, INTERNAL -> false;
        };
  }
}
