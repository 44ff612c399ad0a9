package dev.ramet.client;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How every call goes out: with a deadline, its errors translated, its watches taken up again. */
final class Connection {
  /** As long as gRPC lets a call last. */
  static final Duration FOREVER = Duration.ofDays(36_000);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final ManagedChannel channel;
  private final Duration callTimeout;
  private final StatusErrors errors;

  Connection(ManagedChannel channel, Duration callTimeout, StatusErrors errors) {
    this.channel = channel;
    this.callTimeout = callTimeout;
    this.errors = errors;
  }

  /** One question, one answer. */
  <S extends AbstractStub<S>, T> T call(S stub, Function<S, T> call) {
    return call(stub, callTimeout, call);
  }

  /**
   * One that takes longer than others.
   *
   * @param atLeast what it gets even where other calls get less
   */
  <S extends AbstractStub<S>, T> T call(S stub, Duration atLeast, Function<S, T> call) {
    long nanos = Math.max(atLeast.toNanos(), callTimeout.toNanos());
    try {
      return call.apply(stub.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS));
    } catch (StatusRuntimeException e) {
      throw errors.from(e);
    }
  }

  /**
   * Reads a stream until it ends or the visitor has enough, then lets go of it. Broken, it is not
   * taken up again.
   *
   * @return whether the visitor had enough
   */
  <S extends AbstractStub<S>, E> boolean read(
      S stub, Function<S, Iterator<E>> open, Predicate<E> enough) {
    Context.CancellableContext context = Context.current().withCancellation();
    Context previous = context.attach();
    try {
      Iterator<E> events = open.apply(stub);
      while (events.hasNext()) {
        if (enough.test(events.next())) {
          return true;
        }
      }
      return false;
    } catch (StatusRuntimeException e) {
      throw errors.from(e);
    } finally {
      context.detach(previous);
      context.cancel(null);
    }
  }

  /**
   * Reads a watch until the visitor has seen what it waits for. A stream that breaks, or ends too
   * early, is opened again; each begins with the present state, so nothing is missed.
   *
   * @throws RametException TIMEOUT with the given message where the time is over first
   */
  <S extends AbstractStub<S>, E> void watch(
      S stub,
      Function<S, Iterator<E>> open,
      Predicate<E> enough,
      Duration timeout,
      String timeoutMessage,
      WaitListener<?> listener) {
    long end = System.nanoTime() + timeout.toNanos();
    Duration pause = FIRST_PAUSE;
    boolean[] progressed = {false};
    while (true) {
      Duration remaining = Duration.ofNanos(end - System.nanoTime());
      if (remaining.isNegative() || remaining.isZero()) {
        throw RametException.local(ErrorKind.TIMEOUT, "WAIT_TIMEOUT", timeoutMessage);
      }
      progressed[0] = false;
      RametException broken =
          readOnce(stub, open, event -> seen(event, enough, progressed), remaining);
      if (broken == null) {
        return;
      }
      pause = progressed[0] ? FIRST_PAUSE : shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      if (broken.kind() == ErrorKind.UNAVAILABLE) {
        listener.interrupted(broken);
      }
      sleep(shorter(pause, remaining));
      channel.resetConnectBackoff();
    }
  }

  private static <E> boolean seen(E event, Predicate<E> enough, boolean[] progressed) {
    progressed[0] = true;
    return enough.test(event);
  }

  /** One stream of a watch: null when all was seen, else what it broke with. */
  private <S extends AbstractStub<S>, E> @Nullable RametException readOnce(
      S stub, Function<S, Iterator<E>> open, Predicate<E> enough, Duration remaining) {
    try {
      S bounded = stub.withDeadlineAfter(remaining.toNanos(), TimeUnit.NANOSECONDS);
      return read(bounded, open, enough)
          ? null
          : RametException.local(
              ErrorKind.UNAVAILABLE, "STREAM_ENDED", "the coordinator ended the stream early");
    } catch (RametException e) {
      if (e.kind() == ErrorKind.UNAVAILABLE || e.kind() == ErrorKind.TIMEOUT) {
        return e;
      }
      throw e;
    }
  }

  /** "30 s", "300 ms". */
  static String spoken(Duration duration) {
    return duration.toSeconds() > 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(
          ThreadLocalRandom.current().nextLong(pause.toMillis() / 2, pause.toMillis() + 2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RametException.local(
          ErrorKind.CANCELLED, "CANCELLED", "interrupted while waiting; the server goes on");
    }
  }
}
