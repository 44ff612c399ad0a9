package dev.ramet.coordinator.store;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.ramet.coordinator.store.Requests.Answer;
import dev.ramet.coordinator.store.StoreException.Code;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Store} over jetcd. */
final class EtcdStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdStore.class);
  private static final int MAX_PAGE = 1000;

  private final Requests requests;
  private final Session session = new Session();

  EtcdStore(Requests requests) {
    this.requests = requests;
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> get(Key<T> key) {
    GetResponse answer = requests.read("read of " + key, link -> link.kv().get(Bytes.of(key)));
    return answer.getKvs().stream().findFirst().map(pair -> Records.require(key, pair));
  }

  @Override
  public <T extends Message> Page<T> list(Kind<T> kind, int pageSize, String startAfter) {
    List<Versioned<T>> records = new ArrayList<>();
    // the smallest key after another: the same with a zero byte behind
    String from = startAfter.isEmpty() ? kind.prefix() : startAfter + '\0';
    while (true) {
      GetResponse answer =
          range(from, Keys.endOf(kind.prefix()), Math.min(pageSize + 1, MAX_PAGE), 0);
      for (KeyValue pair : answer.getKvs()) {
        String path = Bytes.text(pair.getKey());
        from = path + '\0';
        read(kind, path, pair).ifPresent(records::add);
        if (records.size() > pageSize) {
          return pageOf(records.subList(0, pageSize), answer);
        }
      }
      if (!answer.isMore()) {
        return new Page<>(records, Optional.empty(), answer.getHeader().getRevision());
      }
    }
  }

  @Override
  public <T extends Message> AllRecords<T> all(Kind<T> kind) {
    List<Versioned<T>> records = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    String from = kind.prefix();
    long revision = 0;
    while (true) {
      GetResponse answer = range(from, Keys.endOf(kind.prefix()), MAX_PAGE, revision);
      for (KeyValue pair : answer.getKvs()) {
        String path = Bytes.text(pair.getKey());
        from = path + '\0';
        boolean known = Kind.keyOf(path).isPresent();
        if (known && !kind.holds(path)) {
          continue; // of another kind with the same beginning
        }
        read(kind, path, pair).ifPresentOrElse(records::add, () -> unreadable.add(path));
      }
      if (!answer.isMore()) {
        return new AllRecords<>(records, unreadable);
      }
      revision = revision == 0 ? answer.getHeader().getRevision() : revision;
    }
  }

  @Override
  public Outcome commit(Txn txn) {
    return commit(txn, requests.settings().callTimeout());
  }

  @Override
  public Outcome commit(Txn txn, Duration within) {
    PreparedTxn prepared = new PreparedTxn(txn, txn.signature() + UUID.randomUUID());
    Optional<Outcome> refused = prepared.refusedHere();
    if (refused.isPresent()) {
      return refused.get();
    }
    long deadline = System.nanoTime() + within.toNanos();
    Backoff backoff = new Backoff();
    do {
      Sent sent = send(prepared, Duration.ofNanos(deadline - System.nanoTime()));
      Optional<Outcome> outcome = prepared.outcome(sent.answer().value(), sent.answer().repeated());
      session.learn(sent.door(), sent.answer().value(), prepared.session(sent.answer().value()));
      if (outcome.isPresent()) {
        return outcome.get();
      }
      // it was not carried out, and what was sent of it before cannot be any more
    } while (backoff.sleepUntil(deadline));
    throw new StoreException(
        Code.UNAVAILABLE,
        prepared.description() + ": not done: others renewed the session again and again");
  }

  /** One answered attempt. */
  private record Sent(Session.Door door, Answer<TxnResponse> answer) {}

  private Sent send(PreparedTxn prepared, Duration within) {
    AtomicReference<Session.Door> last = new AtomicReference<>(session.door(false));
    try {
      Answer<TxnResponse> answer =
          requests.send(
              prepared.description(),
              within,
              (link, repeated) -> {
                last.setPlain(session.door(repeated));
                return prepared.send(link.kv(), last.getPlain());
              });
      return new Sent(last.getPlain(), answer);
    } catch (StoreException e) {
      if (e.code() == Code.UNKNOWN_OUTCOME) {
        session.doubt();
      }
      throw e;
    }
  }

  @Override
  public Outcome.Committed commitOrThrow(Txn txn) {
    return switch (commit(txn)) {
      case Outcome.Committed committed -> committed;
      case Outcome.Conflict conflict ->
          throw new StoreException(
              Code.CONFLICT, "changed by somebody else meanwhile: " + conflict.failed());
      case Outcome.Deposed deposed -> throw deposed(deposed);
    };
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> modify(Key<T> key, UnaryOperator<T> change) {
    return change(key, change, null);
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> modify(
      Key<T> key, UnaryOperator<T> change, Leadership leadership) {
    return change(key, change, leadership);
  }

  private <T extends Message> Optional<Versioned<T>> change(
      Key<T> key, UnaryOperator<T> change, @Nullable Leadership leadership) {
    long deadline = System.nanoTime() + requests.settings().callTimeout().toNanos();
    Backoff backoff = new Backoff();
    Optional<Versioned<T>> read = get(key);
    while (read.isPresent()) {
      Versioned<T> before = read.get();
      T wanted = change.apply(before.value());
      if (wanted.equals(before.value())) {
        return read;
      }
      Txn txn = Txn.begin().update(before, wanted);
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      switch (commit(leadership == null ? txn : txn.by(leadership), left)) {
        case Outcome.Committed committed -> {
          return Optional.of(committed.written(key));
        }
        case Outcome.Deposed deposed -> throw deposed(deposed);
        case Outcome.Conflict conflict -> read = afterConflict(key, conflict, backoff, deadline);
      }
    }
    return Optional.empty();
  }

  /** At first what the conflict brought along; when writers throng, what is there after a pause. */
  private <T extends Message> Optional<Versioned<T>> afterConflict(
      Key<T> key, Outcome.Conflict conflict, Backoff backoff, long deadline) {
    if (backoff.isUnused() && deadline - System.nanoTime() > 0) {
      long _ = backoff.next();
      return conflict.current(key);
    }
    if (!backoff.sleepUntil(deadline)) {
      throw new StoreException(
          Code.CONFLICT, "other writers of " + key + " came between again and again");
    }
    return get(key);
  }

  private static <T extends Message> Page<T> pageOf(
      List<Versioned<T>> records, GetResponse answer) {
    Optional<String> next = Optional.of(records.getLast().key().path());
    return new Page<>(records, next, answer.getHeader().getRevision());
  }

  /** At this revision; 0: at the newest. */
  private GetResponse range(String from, String end, int limit, long revision) {
    GetOption option =
        GetOption.builder()
            .withRange(Bytes.of(end))
            .withLimit(limit)
            .withRevision(revision)
            .build();
    ByteSequence start = Bytes.of(from);
    return requests.read("list of " + from, link -> link.kv().get(start, option));
  }

  private static <T extends Message> Optional<Versioned<T>> read(
      Kind<T> kind, String path, KeyValue pair) {
    if (!kind.holds(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Records.parse(new Key<>(kind, path), pair));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("left out of a list: the record {} cannot be read: {}", path, e.getMessage());
      return Optional.empty();
    }
  }

  private static StoreException deposed(Outcome.Deposed deposed) {
    return new StoreException(
        Code.DEPOSED, "not written: the term with fence " + deposed.fence() + " is over");
  }
}
