package dev.ramet.agent.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A runtime's report that is never old and never long in coming, however slow the runtime is: one
 * question at a time, on a thread of its own. Where no answer came in time the last one counts for
 * a while, then the runtime is said not to answer. Safe for many threads.
 */
final class FreshReport {
  private static final Duration FRESH = Duration.ofSeconds(2);
  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final Duration STILL_TRUE = Duration.ofSeconds(15);

  private final Supplier<RuntimeReport> question;
  private final RuntimeReport silent;
  private @Nullable Asked asked;
  private @Nullable Dated last;

  /**
   * Asks nothing yet.
   *
   * @param question may take long; never fails
   * @param silent the report of a runtime that does not answer
   */
  FreshReport(Supplier<RuntimeReport> question, RuntimeReport silent) {
    this.question = question;
    this.silent = silent;
  }

  RuntimeReport get() {
    Asked current;
    synchronized (this) {
      if (last != null && last.isYoungerThan(FRESH)) {
        return last.report();
      }
      if (asked == null) {
        asked = ask();
      }
      current = asked;
    }
    long left = WAIT.toNanos() - (System.nanoTime() - current.began());
    try {
      return current.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lastKnown();
    } catch (ExecutionException | TimeoutException e) {
      return lastKnown();
    }
  }

  private Asked ask() {
    CompletableFuture<RuntimeReport> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            RuntimeReport report = question.get();
            answered(report);
            answer.complete(report);
          } catch (Throwable e) {
            answered(silent);
            answer.completeExceptionally(e);
          }
        });
    return new Asked(answer, System.nanoTime());
  }

  private synchronized void answered(RuntimeReport report) {
    last = new Dated(report, System.nanoTime());
    asked = null;
  }

  private synchronized RuntimeReport lastKnown() {
    return last != null && last.isYoungerThan(STILL_TRUE) ? last.report() : silent;
  }

  private record Asked(CompletableFuture<RuntimeReport> answer, long began) {}

  private record Dated(RuntimeReport report, long nanoTime) {
    boolean isYoungerThan(Duration age) {
      return System.nanoTime() - nanoTime <= age.toNanos();
    }
  }
}
