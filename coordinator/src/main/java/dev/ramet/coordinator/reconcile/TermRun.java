package dev.ramet.coordinator.reconcile;

import com.google.protobuf.Message;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.EndedInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One term: which changes put which keys into the queue, and who looks at them. */
final class TermRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TermRun.class);
  private static final Duration BLIND = Duration.ofSeconds(1);
  private static final Duration BROKEN_CAP = Duration.ofSeconds(15);

  private final Term term;
  private final Informer informer;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final ScheduledExecutorService timer;
  private final WorkQueue queue;
  private final CloneWorker clones;
  private final SaveWorker saves;
  private final RevisionWorker revisions;
  private final ImageWorker images;
  private final OperationWorker operations;
  private final HostSweep sweep;
  private final HostRemoval removal;
  private final GrowthWatch growth;
  private final Duration growthEvery;
  private volatile Optional<Informer.Subscription> subscription = Optional.empty();
  private volatile List<Future<?>> everySoOften = List.of();
  private volatile boolean closed;

  TermRun(
      Term term,
      Informer informer,
      Placement placement,
      ReconcileSettings settings,
      Duration growthEvery,
      Telemetry telemetry,
      ScheduledExecutorService timer) {
    this.term = term;
    this.informer = informer;
    this.settings = settings;
    this.telemetry = telemetry;
    this.timer = timer;
    this.queue = new WorkQueue(this::work, timer);
    this.clones = new CloneWorker(term, settings, telemetry, timer);
    this.saves = new SaveWorker(term, settings);
    this.revisions = new RevisionWorker(term, settings, telemetry, placement);
    this.images = new ImageWorker(term, new PoolWorker(term, settings, placement, queue::add));
    this.operations = new OperationWorker(term, settings);
    this.sweep = new HostSweep(term, settings, telemetry);
    this.removal = new HostRemoval(term);
    this.growth = new GrowthWatch(term, queue::add);
    this.growthEvery = growthEvery;
  }

  void start() {
    everySoOften =
        List.of(every(settings.resync(), this::addAll), every(growthEvery, growth::look));
    subscribe();
  }

  private Future<?> every(Duration pause, Runnable work) {
    Runnable kept =
        () -> {
          try {
            work.run();
          } catch (RuntimeException error) {
            log.error("not everything could be looked at again", error);
          }
        };
    return timer.scheduleWithFixedDelay(
        kept, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  int depth() {
    return queue.depth();
  }

  @Override
  public void close() {
    closed = true;
    subscription.ifPresent(Informer.Subscription::close);
    everySoOften.forEach(task -> task.cancel(false));
    queue.close();
    term.close();
  }

  private void subscribe() {
    if (!closed) {
      subscription = Optional.of(informer.subscribe(this::changed, this::subscribe));
    }
  }

  private void changed(Change<?> change) {
    Key<?> key = change.key();
    Versioned<? extends Message> after = change.after();
    wakePools(change);
    if (change.before() != null && after != null && after.isWrittenBy(term.leadership())) {
      if (hasJustEnded(change)) {
        addSaves(change);
      }
      return; // its worker knows, and goes on by itself
    }
    Kind<?> kind = key.kind();
    if (kind == Kind.CLONE && after != null && !isToGo(after) && isSameWish(change)) {
      queue.addBehind(key); // a new label is no reason to begin a start again
    } else if (kind == Kind.SAVE) {
      queue.add(key);
      saveChanged(change);
    } else if (kind == Kind.CLONE || kind == Kind.REVISION || kind == Kind.IMAGE) {
      queue.add(key);
      if (kind == Kind.CLONE) {
        addSaves(change);
      }
      if (after == null && kind != Kind.CLONE) {
        addOperations();
        queue.add(Keys.image(key.name()));
      }
    } else if (kind == Kind.OPERATION) {
      queue.addIdle(key);
    } else if (kind == Kind.HOST_ALIVE && (change.before() == null || after == null)) {
      hostCameOrWent(key.name());
    } else if (kind == Kind.HOST && after != null && isToGo(after)) {
      hostIsRemoved(key.name());
    } else if (kind == Kind.HOST && after != null && isToBeReaped(after)) {
      queue.add(key);
    } else if (kind == Kind.HOST && (change.before() == null || after == null)) {
      hostCameOrWent(key.name());
      addOperations();
    } else if (kind == Kind.HOST && mayHaveLostServers(change.before(), after)) {
      hostCameOrWent(key.name());
    } else if (kind == Kind.HOST) {
      lookAtEnded(change);
    }
  }

  /** Clones whose servers ended by themselves, as their agent has noticed. */
  private void lookAtEnded(Change<?> change) {
    if (change.before() == null
        || change.after() == null
        || !(change.before().value() instanceof HostRecord was)
        || !(change.after().value() instanceof HostRecord is)) {
      return;
    }
    Set<String> ended =
        is.getReport().getEndedInstancesList().stream()
            .filter(end -> !was.getReport().getEndedInstancesList().contains(end))
            .map(EndedInstance::getId)
            .collect(Collectors.toSet());
    if (ended.isEmpty()) {
      return;
    }
    term.view().list(Kind.CLONE).stream()
        .filter(clone -> ended.contains(clone.value().getAssignment().getVolume()))
        .forEach(clone -> queue.addBehind(clone.key()));
  }

  /**
   * Its agent or one of its runtimes was away, for less time than a host that is taken for lost.
   */
  private static boolean mayHaveLostServers(
      @Nullable Versioned<?> before, @Nullable Versioned<?> after) {
    return before != null
        && after != null
        && before.value() instanceof HostRecord was
        && after.value() instanceof HostRecord is
        && (!was.getReport().getAgentRunId().equals(is.getReport().getAgentRunId())
            || !was.getReport().getRuntimesList().equals(is.getReport().getRuntimesList()));
  }

  /** What a warm pool depends on, whoever changed it. */
  private void wakePools(Change<?> change) {
    Key<?> key = change.key();
    if (key.kind() == Kind.REVISION) {
      queue.addBehind(Keys.image(key.name()));
    } else if (key.kind() == Kind.CLONE && WarmName.is(key.name())) {
      Versioned<?> clone = change.after() == null ? change.before() : change.after();
      if (clone != null && clone.value() instanceof CloneRecord record) {
        queue.addBehind(Keys.image(record.getAssignment().getImage()));
      }
    } else if (key.kind() == Kind.HOST) {
      term.view().list(Kind.IMAGE).stream()
          .filter(image -> image.value().hasWarm())
          .forEach(image -> queue.addBehind(image.key()));
    }
  }

  /** What is wanted of a clone is what was wanted before. */
  private static boolean isSameWish(Change<?> change) {
    return change.before() == null
        || change.after() == null
        || generation(change.before()) == generation(change.after());
  }

  /** A clone that was there is to go, or was given up. */
  private static boolean hasJustEnded(Change<?> change) {
    return isLive(change.before()) && !isLive(change.after());
  }

  private static boolean isLive(@Nullable Versioned<?> record) {
    return record != null
        && record.value() instanceof CloneRecord clone
        && CloneRecords.isLive(clone);
  }

  private static long generation(Versioned<?> record) {
    return record.value() instanceof CloneRecord clone ? clone.getMeta().getGeneration() : 0;
  }

  private static boolean isToGo(Versioned<?> record) {
    return switch (record.value()) {
      case CloneRecord clone -> clone.getMeta().hasDeleteTime();
      case HostRecord host -> host.getMeta().hasDeleteTime();
      default -> false;
    };
  }

  /** A clone that goes waits for its saves to be gone. */
  private void saveChanged(Change<?> change) {
    if (change.after() == null
        && change.before() != null
        && change.before().value() instanceof SaveRecord save) {
      SaveRecords.owner(term.view(), save).ifPresent(clone -> queue.addBehind(clone.key()));
    }
  }

  /** The saves of a clone that is to go, or is gone, go too. */
  private void addSaves(Change<?> change) {
    Stream.of(Optional.ofNullable(change.before()), Optional.ofNullable(change.after()))
        .flatMap(Optional::stream)
        .map(record -> record.value() instanceof CloneRecord clone ? clone.getMeta().getUid() : "")
        .distinct()
        .flatMap(uid -> term.view().list(Kind.SAVE, uid).stream())
        .forEach(save -> queue.addBehind(save.key()));
  }

  private static boolean isToBeReaped(Versioned<?> record) {
    return record.value() instanceof HostRecord host && host.hasReapTime();
  }

  private void addOperations() {
    term.view().list(Kind.OPERATION).forEach(operation -> queue.add(operation.key()));
  }

  /** What is under way with it has no prospects: it is cut off. */
  private void hostIsRemoved(String host) {
    View view = term.view();
    view.list(Kind.CLONE).stream()
        .filter(clone -> clone.value().getAssignment().getHost().equals(host))
        .forEach(clone -> queue.add(clone.key()));
    view.list(Kind.REVISION).stream()
        .filter(revision -> RevisionRecords.isOn(revision.value(), host))
        .forEach(revision -> queue.add(revision.key()));
    view.list(Kind.SAVE).stream()
        .filter(save -> save.value().getHost().equals(host))
        .forEach(save -> queue.add(save.key()));
    queue.add(Keys.host(host));
  }

  private void hostCameOrWent(String host) {
    View view = term.view();
    view.list(Kind.CLONE).stream()
        .filter(clone -> clone.value().getAssignment().getHost().equals(host))
        .forEach(clone -> queue.addBehind(clone.key()));
    view.list(Kind.SAVE).stream()
        .filter(save -> save.value().getHost().equals(host))
        .forEach(save -> queue.addBehind(save.key()));
    view.list(Kind.REVISION).forEach(revision -> queue.addIdle(revision.key()));
    queue.addIdle(HostSweep.key(host));
  }

  /** Everything is looked at again, whatever was heard of it. */
  private void addAll() {
    View view = term.view();
    view.list(Kind.CLONE).forEach(record -> queue.addIdle(record.key()));
    view.list(Kind.SAVE).forEach(record -> queue.addIdle(record.key()));
    view.list(Kind.REVISION).forEach(record -> queue.addIdle(record.key()));
    view.list(Kind.IMAGE).forEach(record -> queue.addIdle(record.key()));
    view.list(Kind.OPERATION).forEach(record -> queue.addIdle(record.key()));
    view.list(Kind.HOST).forEach(record -> queue.addIdle(record.key()));
  }

  private Next work(Key<?> key, Cancellation touched) throws InterruptedException {
    if (!term.viewIsFresh()) {
      return Next.after(BLIND);
    }
    term.requireLeading();
    Instant begin = term.now();
    String outcome = "failed";
    try {
      Next next = dispatch(key, touched);
      outcome = next instanceof Next.Whenever ? "settled" : "again";
      return next;
    } catch (StoreException error) {
      if (error.code() == StoreException.Code.DEPOSED) {
        throw new Deposed();
      }
      log.atWarn().addKeyValue("key", key.path()).log("etcd: {}", error.getMessage());
      return retry(key);
    } catch (FaultException | AgentException error) {
      log.atWarn().addKeyValue("key", key.path()).log(error.getMessage());
      return retry(key);
    } catch (Deposed over) {
      throw over;
    } catch (RuntimeException | Error error) {
      log.atError()
          .addKeyValue("key", key.path())
          .setCause(error)
          .log("a fault of the coordinator");
      return retry(key);
    } finally {
      telemetry.reconciled(key.kind().toString(), outcome, Duration.between(begin, term.now()));
    }
  }

  private Next retry(Key<?> key) {
    return Next.after(term.retries().backoff(term.retries().failed(key, term.now()), BROKEN_CAP));
  }

  private Next dispatch(Key<?> key, Cancellation touched) throws InterruptedException {
    Kind<?> kind = key.kind();
    if (kind == Kind.CLONE) {
      return clones.work(key, touched);
    }
    if (kind == Kind.SAVE) {
      return saves.work(key);
    }
    if (kind == Kind.REVISION) {
      return revisions.work(key, touched);
    }
    if (kind == Kind.IMAGE) {
      return images.work(key);
    }
    if (kind == Kind.OPERATION) {
      return operations.work(key);
    }
    return removedHost(key).map(removal::work).orElseGet(() -> sweep.work(key));
  }

  private Optional<Versioned<HostRecord>> removedHost(Key<?> key) {
    return term.view()
        .get(Keys.host(key.name()))
        .filter(host -> host.value().getMeta().hasDeleteTime());
  }
}
