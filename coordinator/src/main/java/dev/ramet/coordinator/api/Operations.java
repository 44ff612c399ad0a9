package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.v1.Operation;
import java.security.SecureRandom;
import java.time.Instant;

/** Makes operations. */
final class Operations {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Operations() {}

  static String newId() {
    return "op-" + Uids.next(RANDOM) + Uids.next(RANDOM);
  }

  static OperationRecord record(String id, Operation.Kind kind, String target, Instant now) {
    return OperationRecord.newBuilder()
        .setMeta(Meta.newBuilder().setName(id).setCreateTime(Times.message(now)))
        .setOperation(
            Operation.newBuilder()
                .setId(id)
                .setKind(kind)
                .setTarget(target)
                .setCreateTime(Times.message(now)))
        .build();
  }

  /** The work on this target that is under way. */
  static Operation running(View view, Operation.Kind kind, String target) {
    return view.list(Kind.OPERATION).stream()
        .map(record -> record.value().getOperation())
        .filter(operation -> !operation.getDone() && operation.getTarget().equals(target))
        .filter(operation -> operation.getKind() == kind)
        .findFirst()
        .orElseThrow(
            () -> ErrorCode.BEING_DELETED.exception("%s is being deleted".formatted(target)));
  }

  /** Work that was over before it began. */
  static Operation done(Operation.Kind kind, String target, Instant now) {
    return Operation.newBuilder()
        .setId(newId())
        .setKind(kind)
        .setTarget(target)
        .setDone(true)
        .setCreateTime(Times.message(now))
        .setEndTime(Times.message(now))
        .build();
  }
}
