package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.placement.CloneRequest;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.HostView;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.records.WarmPools;
import dev.ramet.coordinator.secret.Passwords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Replica;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one image's warm pool: makes the clones that it lacks, in the room that hosts have to
 * spare, and deletes those that nobody can use or that take a host's memory. What a warm clone
 * needs afterwards is seen to as with any other clone.
 */
final class PoolWorker {
  private static final Logger log = LoggerFactory.getLogger(PoolWorker.class);

  /** Of the time between two looks at everything: when to look again for room. */
  private static final int LOOKS = 3;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** Warm clones are made only where this part of the memory is free. */
  private static final double ROOMY = 0.2;

  /** Warm clones go, one after the other, where less of the memory is free. */
  private static final double SHORT = 0.1;

  private final Term term;
  private final Placement placement;
  private final Consumer<Key<?>> wake;
  private final Duration later;
  private final Passwords passwords = new Passwords();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Instant> pauses = new ConcurrentHashMap<>();

  /**
   * Makes one.
   *
   * @param wake has somebody look at a clone that is to go
   */
  PoolWorker(Term term, ReconcileSettings settings, Placement placement, Consumer<Key<?>> wake) {
    this.term = term;
    this.later = settings.resync().dividedBy(LOOKS);
    this.placement = placement;
    this.wake = wake;
  }

  Next work(Versioned<ImageRecord> image) {
    String name = image.key().name();
    List<Versioned<CloneRecord>> pool = WarmPools.of(term.view(), name);
    boolean kept = image.value().hasWarm() && !image.value().getMeta().hasDeleteTime();
    Optional<Versioned<RevisionRecord>> latest =
        kept ? RevisionRecords.latest(term.view(), name) : Optional.empty();
    int wanted = latest.isPresent() ? WarmPools.wanted(term.view(), image.value(), term.now()) : 0;
    if (pool.isEmpty() && wanted == 0) {
      pauses.remove(name);
      return Next.whenever();
    }
    Map<String, HostView> hosts = hosts();
    List<Versioned<CloneRecord>> useful = new ArrayList<>();
    for (Versioned<CloneRecord> clone : pool) {
      if (isUseful(clone.value(), latest, hosts)) {
        useful.add(clone);
      } else {
        noteFailure(image.key(), clone.value());
        drop(clone);
      }
    }
    useful.sort(Comparator.comparing(clone -> rank(clone.value())));
    while (useful.size() > wanted) {
      drop(useful.removeLast());
    }
    boolean shortOfMemory = relieve(useful, hosts);
    return shortOfMemory ? Next.after(later) : fill(image, latest, useful.size(), wanted);
  }

  private Map<String, HostView> hosts() {
    return HostViews.of(term.view(), List.of()).stream()
        .collect(Collectors.toMap(HostView::name, Function.identity()));
  }

  /** One whose host is away is kept: it runs there still, and the host may come back. */
  private static boolean isUseful(
      CloneRecord clone, Optional<Versioned<RevisionRecord>> latest, Map<String, HostView> hosts) {
    CloneState state = CloneRecords.state(clone);
    boolean failed =
        state == CloneState.FAILED || state == CloneState.FAILING || state == CloneState.BROKEN;
    HostView host = hosts.get(clone.getAssignment().getHost());
    return !failed
        && host != null
        && !host.cordoned()
        && latest
            .map(revision -> revision.value().getNumber() == clone.getAssignment().getRevision())
            .orElse(false);
  }

  /** What fails again and again is tried ever more seldom. */
  private void noteFailure(Key<ImageRecord> image, CloneRecord clone) {
    if (!clone.getStatus().hasFailure()) {
      return;
    }
    Failure failure = clone.getStatus().getFailure();
    Retries.Trouble trouble = term.retries().failed(image, term.now());
    Duration pause = term.retries().backoff(trouble, later, LONGEST_PAUSE);
    pauses.put(image.name(), term.now().plus(pause));
    log.atWarn()
        .addKeyValue("image", image.name())
        .addKeyValue("host", clone.getAssignment().getHost())
        .addKeyValue("code", failure.getCode())
        .log(
            "a warm clone failed, the next is made in {} s: {}",
            pause.toSeconds(),
            failure.getMessage());
  }

  /** The readiest first; of equals the oldest, whose caches are the warmest. */
  private static String rank(CloneRecord clone) {
    boolean ready = CloneRecords.state(clone) == CloneState.READY;
    return (ready ? "0 " : "1 ") + Times.instant(clone.getMeta().getCreateTime());
  }

  /** One from each host that is short of memory, the last first. True: there was one. */
  private boolean relieve(List<Versioned<CloneRecord>> useful, Map<String, HostView> hosts) {
    boolean relieved = false;
    for (HostView host : hosts.values()) {
      Optional<Versioned<CloneRecord>> last =
          host.alive() && !host.hasFreeMemory(SHORT)
              ? useful.stream()
                  .filter(clone -> clone.value().getAssignment().getHost().equals(host.name()))
                  .reduce((_, later) -> later)
              : Optional.empty();
      if (last.isPresent()) {
        drop(last.get());
        relieved = true;
      }
    }
    return relieved;
  }

  private void drop(Versioned<CloneRecord> clone) {
    if (new CloneCursor(term, clone).apply(CloneEvent.DELETE_ASKED)) {
      wake.accept(clone.key());
    }
  }

  private Next fill(
      Versioned<ImageRecord> image,
      Optional<Versioned<RevisionRecord>> latest,
      int there,
      int wanted) {
    String name = image.key().name();
    Instant now = term.now();
    Instant pause = pauses.getOrDefault(name, now);
    if (pause.isAfter(now)) {
      return Next.after(Duration.between(now, pause).plusMillis(1));
    }
    if (there == wanted) {
      return Next.whenever();
    }
    for (int i = there; i < wanted; i++) {
      term.requireLeading();
      if (!make(image, latest.orElseThrow())) {
        return Next.after(later);
      }
    }
    return Next.whenever();
  }

  /** Records one more. False: there is no room for it, or something changed meanwhile. */
  private boolean make(Versioned<ImageRecord> image, Versioned<RevisionRecord> latest) {
    RevisionRecord revision = latest.value();
    CloneRequest request =
        new CloneRequest(
            revision.getImage(),
            RevisionRecords.replicas(revision, Replica.State.READY),
            revision.getEngine(),
            revision.getEngineVersion(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            OptionalInt.empty(),
            random.nextInt(Integer.MAX_VALUE / 2));
    Instant now = term.now();
    List<HostView> roomy =
        hosts().values().stream().filter(host -> host.hasFreeMemory(ROOMY)).toList();
    Decision decision = placement.placeClone(request, roomy);
    if (!(decision instanceof Decision.Placed placed)) {
      log.atDebug()
          .addKeyValue("image", revision.getImage())
          .log("no host has room for a warm clone");
      return false;
    }
    CloneRecord clone = draft(revision, placed, now);
    Txn txn =
        CloneDrafts.create(
            Txn.begin().leading(term.leadership()).unchanged(image).unchanged(latest), clone);
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        term.wrote(committed.revision());
        yield true;
      }
      case Outcome.Conflict _ -> false;
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }

  private CloneRecord draft(RevisionRecord revision, Decision.Placed placed, Instant now) {
    String uid = Uids.next(random);
    return CloneRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(WarmName.of(uid))
                .setUid(uid)
                .setGeneration(1)
                .setCreateTime(Times.message(now)))
        .setSpec(CloneSpec.newBuilder().setImage(RevisionRecords.name(revision)))
        .setAssignment(
            CloneDrafts.placed(term.view(), placed, passwords.next())
                .setImage(revision.getImage())
                .setRevision(revision.getNumber())
                .setData(RevisionRecords.data(revision))
                .setSnapshot(RevisionRecords.snapshotId(revision))
                .setOrigin(RevisionRecords.name(revision))
                .setVolume(new HostId.OfClone(revision.getImage(), uid, 1).text())
                .setWarm(true))
        .setStatus(CloneDrafts.pending(now, term.now()))
        .build();
  }
}
