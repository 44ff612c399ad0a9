package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ResetWish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a clone other data at the same address. The new volume is made and its server checked,
 * unseen by anybody, while the old one goes on; only then the old one ends and the new one takes
 * its address. An attempt that was cut begins from the start: each step may be repeated, and the
 * old volume is not touched before the record says that the new one is the clone's.
 */
final class CloneReset {
  private static final Logger log = LoggerFactory.getLogger(CloneReset.class);
  private static final int NO_PORT = 0;

  /** For clients of data that nobody wants any more to be told; what is in memory may be lost. */
  private static final Duration GOODBYE = Duration.ofMillis(500);

  private final Term term;
  private final CloneCursor cursor;
  private final Agent agent;
  private final Cancellation cancellation;
  private final CloneRecord clone;
  private final CloneAssignment place;
  private final ResetWish wish;
  private final StepLog steps;

  CloneReset(Term term, CloneCursor cursor, Agent agent, Cancellation cancellation) {
    this.term = term;
    this.cursor = cursor;
    this.agent = agent;
    this.cancellation = cancellation;
    this.clone = cursor.record();
    this.place = clone.getAssignment();
    this.wish = clone.getWish().getReset();
    this.steps = new StepLog(List.of(), Telemetry.NONE);
  }

  /**
   * Returns when the new data answer at the clone's address, and the record says so.
   *
   * @throws AgentException where a step did not succeed; the old volume is as it was then
   */
  void run() {
    String id = wish.getVolume();
    long limit = clone.getSpec().getSizeLimitBytes();
    KeptData.require(term.view(), clone, term.now());
    agent.deleteInstance(id); // of an attempt that was cut
    VolumeClone volume = new VolumeClone(place.getPool(), id, wish.getSnapshot(), limit);
    timed("clone-volume", () -> volume.make(agent, term.view()));
    timed("attach", () -> agent.attachVolume(place.getPool(), id));
    timed("check", () -> start(id, NO_PORT));
    term.requireLeading();
    KeptData.require(term.view(), clone, term.now());
    timed("stop", () -> stopBoth(id));
    Instant begin = term.now();
    InstanceSeen instance = start(id, place.getPort());
    steps.addStart(begin, Duration.between(begin, term.now()), instance.steps());
    boolean applied = cursor.apply(CloneEvent.RESET_DONE, Optional.empty(), this::withTimings);
    if (applied) {
      log.atInfo()
          .addKeyValue("clone", cursor.key().name())
          .addKeyValue("to", wish.getOrigin())
          .log("clone was reset");
    }
  }

  /** The one that was checked, cleanly, and the old one; side by side, for users wait. */
  private void stopBoth(String checked) {
    CompletableFuture<Void> first =
        CompletableFuture.runAsync(() -> agent.deleteInstance(checked), Thread::startVirtualThread);
    try {
      if (wish.getKeepAs().isEmpty()) {
        agent.deleteInstance(place.getVolume(), GOODBYE);
      } else {
        agent.deleteInstance(place.getVolume());
      }
    } finally {
      await(first);
    }
  }

  private static void await(CompletableFuture<Void> call) {
    try {
      call.join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof AgentException error ? error : failed;
    }
  }

  private InstanceSeen start(String id, int port) {
    return agent.startInstance(Orders.start(clone, id, port, false), cancellation);
  }

  private CloneRecord withTimings(CloneRecord done) {
    CloneRecord.Builder next = done.toBuilder();
    next.getStatusBuilder().getLastResetBuilder().addAllTimings(steps.steps());
    return next.build();
  }

  private void timed(String name, Runnable step) {
    Instant begin = term.now();
    step.run();
    steps.add(name, begin, Duration.between(begin, term.now()));
  }
}
