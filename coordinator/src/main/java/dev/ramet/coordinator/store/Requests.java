package dev.ramet.coordinator.store;

import dev.ramet.coordinator.store.AttemptFailure.Executed;
import dev.ramet.coordinator.store.StoreException.Code;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Sends requests to etcd, waits for the answers, and repeats what failed until the time is over.
 */
final class Requests {
  private final Links links;
  private final StoreSettings settings;

  Requests(Links links, StoreSettings settings) {
    this.links = links;
    this.settings = settings;
  }

  /**
   * An answer.
   *
   * @param repeated an attempt before may have been carried out, without an answer
   */
  record Answer<R>(R value, boolean repeated) {}

  /** Sends one attempt. */
  interface Attempt<R> {
    /**
     * Sends it; does not wait.
     *
     * @param repeated an attempt before may have been, or may yet be, carried out
     */
    CompletableFuture<R> send(Link link, boolean repeated);
  }

  /** A request without effects. What is over without an answer is {@code UNAVAILABLE}. */
  <R> R read(String what, Duration within, Function<Link, CompletableFuture<R>> request) {
    try {
      return send(what, within, (link, _) -> request.apply(link)).value();
    } catch (StoreException e) {
      if (e.code() == Code.UNKNOWN_OUTCOME) {
        throw new StoreException(Code.UNAVAILABLE, what + ": etcd does not answer", e);
      }
      throw e;
    }
  }

  <R> R read(String what, Function<Link, CompletableFuture<R>> request) {
    return read(what, settings.callTimeout(), request);
  }

  /**
   * A request that may be sent several times: the caller has made sure that this does no harm, and
   * finds out from the answer which attempt had its effect.
   */
  <R> Answer<R> send(String what, Duration within, Attempt<R> attempt) {
    long deadline = System.nanoTime() + within.toNanos();
    boolean perhapsExecuted = false;
    Backoff backoff = new Backoff();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      try {
        boolean repeated = perhapsExecuted;
        return new Answer<>(once(left, link -> attempt.send(link, repeated)), repeated);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw givenUp(what, "interrupted", true, e);
      } catch (ExecutionException | TimeoutException e) {
        AttemptFailure failure = AttemptFailure.of(e);
        perhapsExecuted |= failure.executed() == Executed.PERHAPS;
        if (!failure.repeatable()) {
          throw new StoreException(
              perhapsExecuted && failure.verdict() != Code.CORRUPT
                  ? Code.UNKNOWN_OUTCOME
                  : failure.verdict(),
              what + ": " + failure.message(),
              failure.cause());
        }
        if (!backoff.sleepUntil(deadline)) {
          throw givenUp(what, failure.message(), perhapsExecuted, failure.cause());
        }
      }
    }
  }

  /** One attempt; a link that failed is replaced for the next. */
  <R> R once(Duration within, Function<Link, CompletableFuture<R>> request)
      throws InterruptedException, ExecutionException, TimeoutException {
    Link link = links.current();
    long nanos = Math.min(within.toNanos(), settings.attemptTimeout().toNanos());
    CompletableFuture<R> answer = start(link, request);
    try {
      return answer.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      links.replace(link);
      throw e;
    } catch (ExecutionException e) {
      if (AttemptFailure.of(e).repeatable()) {
        links.replace(link);
      }
      throw e;
    }
  }

  private static <R> CompletableFuture<R> start(
      Link link, Function<Link, CompletableFuture<R>> request) {
    try {
      return request.apply(link);
    } catch (RuntimeException e) { // jetcd throws at once where its client was closed
      return CompletableFuture.failedFuture(e);
    }
  }

  StoreSettings settings() {
    return settings;
  }

  private static StoreException givenUp(
      String what, String why, boolean perhapsExecuted, Throwable cause) {
    return perhapsExecuted
        ? new StoreException(
            Code.UNKNOWN_OUTCOME,
            what
                + ": etcd did not say in time whether this was done ("
                + why
                + "); it may have been, or may still be, once. Asking again is safe",
            cause)
        : new StoreException(Code.UNAVAILABLE, what + ": not done: " + why, cause);
  }
}
