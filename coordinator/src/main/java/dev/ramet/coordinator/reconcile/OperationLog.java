package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Progress;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of an operation, written down as they go, for whoever watches. A note that cannot be
 * written is left out: the work does not depend on it.
 *
 * <p>Threads: safe; steps of one name belong to one thread.
 */
final class OperationLog {
  private static final Logger log = LoggerFactory.getLogger(OperationLog.class);
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(1);

  private final Term term;
  private final Key<OperationRecord> key;
  private Instant lastProgress = Instant.EPOCH;

  OperationLog(Term term, String operation) {
    this.term = term;
    this.key = Keys.operation(operation);
  }

  void begin(String step) {
    Step running =
        Step.newBuilder()
            .setName(step)
            .setState(Step.State.RUNNING)
            .setStartTime(Times.message(term.now()))
            .build();
    note(operation -> put(operation, running));
  }

  /** At most one note a second; the step is begun where it was not. */
  void progress(String step, Progress progress) {
    synchronized (this) {
      if (Duration.between(lastProgress, term.now()).compareTo(PROGRESS_INTERVAL) < 0) {
        return;
      }
      lastProgress = term.now();
    }
    note(operation -> {
      Step.Builder running = find(operation, step).toBuilder();
      running.setState(Step.State.RUNNING).setElapsed(since(running));
      running.setBytesDone(progress.bytesDone()).setBytesTotal(progress.bytesTotal());
      put(operation, running.build());
    });
  }

  void end(String step, boolean well) {
    note(operation -> {
      Step.Builder over =
          find(operation, step).toBuilder().setElapsed(since(find(operation, step).toBuilder()));
      if (well && over.getBytesTotal() > 0) {
        over.setBytesDone(over.getBytesTotal());
      }
      over.setState(well ? Step.State.SUCCEEDED : Step.State.FAILED);
      put(operation, over.build());
    });
  }

  /**
   * The operation as it is over, for the transaction that ends it; empty where it is over already.
   */
  static Optional<OperationRecord> ended(
      OperationRecord operation, Optional<Fault> fault, Instant now) {
    if (operation.getOperation().getDone()) {
      return Optional.empty();
    }
    Operation.Builder over =
        operation.getOperation().toBuilder().setDone(true).setEndTime(Times.message(now));
    fault.map(Failures::message).ifPresent(over::setFailure);
    for (Step.Builder step : over.getStepsBuilderList()) {
      if (step.getState() == Step.State.RUNNING) {
        step.setState(fault.isPresent() ? Step.State.FAILED : Step.State.SUCCEEDED);
      }
    }
    return Optional.of(operation.toBuilder().setOperation(over).build());
  }

  /**
   * Ends, with the transaction that removes it, what waits for that removal. By its name nobody can
   * tell afterwards: something new may be called so.
   */
  static Txn endingDeletion(Txn txn, Term term, Operation.Kind kind, String target) {
    Txn more = txn;
    for (Versioned<OperationRecord> found : term.view().list(Kind.OPERATION)) {
      Operation operation = found.value().getOperation();
      if (operation.getKind() == kind && operation.getTarget().equals(target)) {
        Optional<OperationRecord> over = ended(found.value(), Optional.empty(), term.now());
        more = over.isPresent() ? more.update(found, over.get()) : more;
      }
    }
    return more;
  }

  private interface Change {
    void to(Operation.Builder operation);
  }

  private void note(Change change) {
    try {
      Optional<Versioned<OperationRecord>> written =
          term.store()
              .modify(
                  key,
                  record -> {
                    Operation.Builder operation = record.getOperation().toBuilder();
                    change.to(operation);
                    return record.toBuilder().setOperation(operation).build();
                  },
                  term.leadership());
      written.ifPresent(record -> term.wrote(record.modRevision()));
    } catch (StoreException notNow) {
      log.debug("a step of operation {} was not written down", key.name(), notNow);
    }
  }

  private Step find(Operation.Builder operation, String name) {
    return operation.getStepsList().stream()
        .filter(step -> step.getName().equals(name))
        .findFirst()
        .orElseGet(() ->
            Step.newBuilder()
                .setName(name)
                .setState(Step.State.RUNNING)
                .setStartTime(Times.message(term.now()))
                .build());
  }

  private com.google.protobuf.Duration since(Step.Builder step) {
    return Times.message(Duration.between(Times.instant(step.getStartTime()), term.now()));
  }

  private static void put(Operation.Builder operation, Step step) {
    for (int i = 0; i < operation.getStepsCount(); i++) {
      if (operation.getSteps(i).getName().equals(step.getName())) {
        operation.setSteps(i, step);
        return;
      }
    }
    operation.addSteps(step);
  }
}
