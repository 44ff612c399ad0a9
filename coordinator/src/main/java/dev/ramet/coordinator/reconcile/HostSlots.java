package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Cancellation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Bounds how much is done on one host at the same time; who waits longest comes first. */
final class HostSlots {
  private final Map<String, Line> lines = new ConcurrentHashMap<>();
  private final int perHost;

  HostSlots(int perHost) {
    this.perHost = perHost;
  }

  /** Waits for a slot, then runs. An interrupt ends the waiting. */
  <R> R within(String host, Supplier<R> work) throws InterruptedException {
    return within(host, new Cancellation(), work).orElseThrow();
  }

  /**
   * Waits for a slot, then runs; empty where it was cancelled while it waited. What runs is not
   * ended by that.
   */
  <R> Optional<R> within(String host, Cancellation cancellation, Supplier<R> work)
      throws InterruptedException {
    Line line = lines.computeIfAbsent(host, _ -> new Line(perHost));
    CompletableFuture<Boolean> turn = line.join();
    cancellation.onCancel(() -> turn.complete(false));
    if (!await(turn, line)) {
      return Optional.empty();
    }
    try {
      return Optional.of(work.get());
    } finally {
      line.leave();
    }
  }

  private static boolean await(CompletableFuture<Boolean> turn, Line line)
      throws InterruptedException {
    try {
      return turn.get();
    } catch (InterruptedException over) {
      if (!turn.complete(false) && turn.getNow(false)) {
        line.leave(); // its turn came at the same moment
      }
      throw over;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a turn only comes or is given up", impossible);
    }
  }

  /** The free slots of a host and who waits for one. */
  private static final class Line {
    private final Deque<CompletableFuture<Boolean>> waiting = new ArrayDeque<>();
    private int free;

    Line(int free) {
      this.free = free;
    }

    /** True when the turn comes; whoever completes it with false gives it up. */
    synchronized CompletableFuture<Boolean> join() {
      if (free > 0) {
        free--;
        return CompletableFuture.completedFuture(true);
      }
      CompletableFuture<Boolean> turn = new CompletableFuture<>();
      waiting.add(turn);
      return turn;
    }

    synchronized void leave() {
      while (!waiting.isEmpty()) {
        if (waiting.remove().complete(true)) {
          return;
        }
      }
      free++;
    }
  }
}
