package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import dev.ramet.coordinator.store.Txn.Absent;
import dev.ramet.coordinator.store.Txn.Condition;
import dev.ramet.coordinator.store.Txn.Delete;
import dev.ramet.coordinator.store.Txn.Leading;
import dev.ramet.coordinator.store.Txn.Put;
import dev.ramet.coordinator.store.Txn.Unchanged;
import dev.ramet.coordinator.store.Txn.Write;
import dev.ramet.proto.store.v1.Meta;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One transaction with its write id: sent as often as needed, always the same, and able to
 * recognise in a refusal that an earlier attempt of its own is the cause.
 */
final class PreparedTxn {
  private static final GetOption KEYS_ONLY = GetOption.builder().withKeysOnly(true).build();

  private final Txn txn;
  private final String writeId;
  private final List<Put<?>> puts = new ArrayList<>();
  private final List<Key<?>> deleted = new ArrayList<>();
  private final @Nullable Leadership leadership;
  // what the refusal brings along, in this order; the election key and the session's after them
  private final List<Key<?>> looked;

  PreparedTxn(Txn txn, String writeId) {
    txn.requireSafe();
    this.txn = txn;
    this.writeId = writeId;
    Leadership leader = null;
    Set<Key<?>> keys = new LinkedHashSet<>(txn.conditionedKeys());
    for (Write write : txn.writes()) {
      keys.add(write.key());
      switch (write) {
        case Put<?> put -> puts.add(stamp(put));
        case Delete(Key<?> key) -> deleted.add(key);
      }
    }
    for (Condition condition : txn.conditions()) {
      if (condition instanceof Leading(Leadership named)) {
        leader = named;
      }
    }
    this.leadership = leader;
    this.looked = List.copyOf(keys);
  }

  /** Empty where no term is asked for or it is held, as far as is known here. */
  Optional<Outcome> refusedHere() {
    return leadership != null && !leadership.isHeld()
        ? Optional.of(new Outcome.Deposed(leadership.fence()))
        : Optional.empty();
  }

  CompletableFuture<TxnResponse> send(KV kv, Session.Door door) {
    List<Cmp> conditions = new ArrayList<>();
    txn.conditions().forEach(condition -> conditions.add(compare(condition)));
    conditions.add(new Cmp(Session.KEY, Cmp.Op.EQUAL, CmpTarget.modRevision(door.revision())));
    List<Op> operations = operations();
    List<Op> looks = looks();
    if (door.renews()) {
      Op renewal = Op.put(Session.KEY, Bytes.of(writeId), PutOption.DEFAULT);
      operations.add(renewal);
      looks.add(renewal);
    }
    return kv.txn()
        .If(conditions.toArray(Cmp[]::new))
        .Then(operations.toArray(Op[]::new))
        .Else(looks.toArray(Op[]::new))
        .commit();
  }

  /**
   * What an answer means; empty: nothing but another session than we knew of stood against it.
   *
   * @param repeated an earlier attempt may have been carried out
   */
  Optional<Outcome> outcome(TxnResponse answer, boolean repeated) {
    return answer.isSucceeded()
        ? Optional.of(committed(answer, answer.getHeader().getRevision()))
        : refused(answer, repeated);
  }

  /** The revision of the session's key that a refusal brought along. */
  long session(TxnResponse answer) {
    return answer.isSucceeded()
        ? 0
        : answer.getGetResponses().getLast().getKvs().stream()
            .mapToLong(KeyValue::getModRevision)
            .findFirst()
            .orElse(0);
  }

  private Optional<Outcome> refused(TxnResponse answer, boolean repeated) {
    long revision = answer.getHeader().getRevision();
    Map<Key<?>, KeyValue> found = new HashMap<>();
    for (int i = 0; i < looked.size(); i++) {
      List<KeyValue> pairs = answer.getGetResponses().get(i).getKvs();
      if (!pairs.isEmpty()) {
        found.put(looked.get(i), pairs.getFirst());
      }
    }
    Map<Key<?>, Versioned<?>> current = new HashMap<>();
    found.forEach((key, pair) -> current.put(key, Records.require(key, pair)));
    if (repeated && isOurs(current)) {
      current.keySet().retainAll(puts.stream().map(Put::key).toList());
      long written = current.values().stream().mapToLong(Versioned::modRevision).max().orElse(0);
      return Optional.of(new Outcome.Committed(written == 0 ? revision : written, current));
    }
    if (leadership != null && isOver(leadership, answer)) {
      return Optional.of(new Outcome.Deposed(leadership.fence()));
    }
    List<Key<?>> failed = failed(current);
    return failed.isEmpty()
        ? Optional.empty()
        : Optional.of(new Outcome.Conflict(revision, failed, current));
  }

  String description() {
    return "write of " + txn.writes().stream().map(w -> w.key().path()).toList();
  }

  private <T extends Message> Put<T> stamp(Put<T> put) {
    return new Put<>(put.key(), Records.stamped(put.value(), writeId));
  }

  private static Cmp compare(Condition condition) {
    return switch (condition) {
      case Absent(Key<?> key) -> new Cmp(Bytes.of(key), Cmp.Op.EQUAL, CmpTarget.createRevision(0));
      case Unchanged(Key<?> key, long revision) ->
          new Cmp(Bytes.of(key), Cmp.Op.EQUAL, CmpTarget.modRevision(revision));
      case Leading(Leadership leadership) ->
          new Cmp(
              Bytes.of(leadership.electionKey()),
              Cmp.Op.EQUAL,
              CmpTarget.createRevision(leadership.fence()));
    };
  }

  /** The writes, then a look at each put: its answer brings the create revision. */
  private List<Op> operations() {
    List<Op> operations = new ArrayList<>();
    for (Put<?> put : puts) {
      ByteSequence value = Bytes.of(put.value());
      operations.add(Op.put(Bytes.of(put.key()), value, PutOption.DEFAULT));
    }
    for (Key<?> key : deleted) {
      operations.add(Op.delete(Bytes.of(key), DeleteOption.DEFAULT));
    }
    for (Put<?> put : puts) {
      operations.add(Op.get(Bytes.of(put.key()), KEYS_ONLY));
    }
    return operations;
  }

  private List<Op> looks() {
    List<Op> looks = new ArrayList<>();
    for (Key<?> key : looked) {
      looks.add(Op.get(Bytes.of(key), GetOption.DEFAULT));
    }
    if (leadership != null) {
      looks.add(Op.get(Bytes.of(leadership.electionKey()), KEYS_ONLY));
    }
    looks.add(Op.get(Session.KEY, KEYS_ONLY));
    return looks;
  }

  private Outcome committed(TxnResponse answer, long revision) {
    Map<Key<?>, Versioned<?>> written = new HashMap<>();
    for (int i = 0; i < puts.size(); i++) {
      KeyValue pair = answer.getGetResponses().get(i).getKvs().getFirst();
      Put<?> put = puts.get(i);
      written.put(put.key(), versioned(put, pair));
    }
    return new Outcome.Committed(revision, written);
  }

  private static <T extends Message> Versioned<T> versioned(Put<T> put, KeyValue pair) {
    return new Versioned<>(put.key(), put.value(), pair.getModRevision(), pair.getCreateRevision());
  }

  /**
   * An earlier attempt was carried out: all writes were, so one sign is enough. A record that we
   * made and somebody changed since is known by its uid; not one that we moved from another key,
   * which others may have moved to the same place. Without any Meta, the wanted state is the sign.
   */
  private boolean isOurs(Map<Key<?>, Versioned<?>> current) {
    boolean recognisable = false;
    for (Put<?> put : puts) {
      Meta wanted = Records.meta(put.value()).orElse(null);
      if (wanted == null) {
        continue;
      }
      recognisable = true;
      Versioned<?> there = current.get(put.key());
      Meta found = there == null ? null : Records.meta(there.value()).orElse(null);
      if (found != null
          && (found.getWriteId().equals(writeId) || isSameIncarnation(put.key(), wanted, found))) {
        return true;
      }
    }
    return !recognisable && isAsWanted(current);
  }

  private boolean isSameIncarnation(Key<?> key, Meta wanted, Meta found) {
    return deleted.isEmpty()
        && txn.conditions().contains(new Absent(key))
        && !wanted.getUid().isEmpty()
        && wanted.getUid().equals(found.getUid());
  }

  private boolean isAsWanted(Map<Key<?>, Versioned<?>> current) {
    for (Put<?> put : puts) {
      Versioned<?> there = current.get(put.key());
      if (there == null || !there.value().equals(put.value())) {
        return false;
      }
    }
    return deleted.stream().noneMatch(current::containsKey);
  }

  private boolean isOver(Leadership leadership, TxnResponse answer) {
    List<KeyValue> pairs = answer.getGetResponses().get(looked.size()).getKvs();
    return pairs.isEmpty() || pairs.getFirst().getCreateRevision() != leadership.fence();
  }

  private List<Key<?>> failed(Map<Key<?>, Versioned<?>> current) {
    List<Key<?>> failed = new ArrayList<>();
    for (Condition condition : txn.conditions()) {
      switch (condition) {
        case Absent(Key<?> key) when current.containsKey(key) -> failed.add(key);
        case Unchanged(Key<?> key, long revision) when isOther(current.get(key), revision) ->
            failed.add(key);
        case Absent _, Unchanged _, Leading _ -> {}
      }
    }
    return failed;
  }

  private static boolean isOther(@Nullable Versioned<?> there, long revision) {
    return there == null || there.modRevision() != revision;
  }
}
