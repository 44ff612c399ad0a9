package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records that a host is declared lost; the reconciler ends what was on it, and its record at last.
 * One transaction, which is refused where the host has been heard of again.
 */
final class HostRemovals {
  private static final int MAX_ATTEMPTS = 8;

  private final Records records;

  HostRemovals(Records records) {
    this.records = records;
  }

  Operation remove(String name, boolean force) {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Operation> made = attempt(name, force);
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "host %s keeps changing: try again".formatted(name));
  }

  private Optional<Operation> attempt(String name, boolean force) {
    View view = records.view();
    Optional<Versioned<HostRecord>> host = view.get(Keys.host(name));
    if (host.isEmpty()) {
      return Optional.of(Operations.done(Operation.Kind.DELETE_HOST, name, records.now()));
    }
    if (host.get().value().getMeta().hasDeleteTime()) {
      return Optional.of(Operations.running(view, Operation.Kind.DELETE_HOST, name));
    }
    refuseAlive(view, name);
    if (!force) {
      refuseInUse(view, name);
    }
    Instant now = records.now();
    String id = Operations.newId();
    HostRecord.Builder next = host.get().value().toBuilder();
    next.getMetaBuilder().setDeleteTime(Times.message(now));
    Txn txn =
        Txn.begin()
            .absent(Keys.hostAlive(name))
            .update(host.get(), next.build())
            .create(
                Keys.operation(id), Operations.record(id, Operation.Kind.DELETE_HOST, name, now));
    return switch (records.commit(txn)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(committed.written(Keys.operation(id)).value().getOperation());
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private static void refuseAlive(View view, String name) {
    if (HostViews.alive(view, name).isPresent()) {
      throw ErrorCode.HOST_ALIVE.exception(
          "host %s is alive: cordon it and delete its clones, or stop its agent first"
              .formatted(name));
    }
  }

  private static void refuseInUse(View view, String name) {
    List<String> clones =
        HostViews.clonesOn(view, name).stream().filter(clone -> !WarmName.is(clone)).toList();
    List<String> revisions =
        view.list(Kind.REVISION).stream()
            .map(Versioned::value)
            .filter(revision -> RevisionRecords.standsWith(revision, name))
            .map(RevisionRecords::name)
            .toList();
    List<String> held = new ArrayList<>();
    if (!clones.isEmpty()) {
      held.add("clones (%s)".formatted(Rejections.listed(clones, "")));
    }
    if (!revisions.isEmpty()) {
      held.add("the only replica of %s".formatted(Rejections.listed(revisions, "")));
    }
    if (!held.isEmpty()) {
      throw new FaultException(
          ErrorCode.HOST_IN_USE
              .fault(
                  "host %s holds %s: start its agent again, or give them up with --force"
                      .formatted(name, String.join(" and ", held)))
              .withMetadata(
                  Map.of(
                      "clones", String.join(",", clones),
                      "revisions", String.join(",", revisions))));
    }
  }
}
