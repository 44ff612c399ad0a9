package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
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
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.CloneSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

  private static final Set<String> HOST_GONE =
      Set.of(ErrorCode.HOST_LOST.name(), ErrorCode.HOST_REMOVED.name());

  /** Of the time between two looks at everything: when to look again for room. */
  private static final int LOOKS = 3;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** The readiest first; of equals the oldest, whose caches are the warmest. */
  private static final Comparator<Versioned<CloneRecord>> READIEST =
      Comparator.<Versioned<CloneRecord>, Boolean>comparing(
              clone -> CloneRecords.state(clone.value()) != CloneState.READY)
          .thenComparing(clone -> Times.instant(clone.value().getMeta().getCreateTime()));

  private final Term term;
  private final Placement placement;
  private final Consumer<Key<?>> wake;
  private final Duration later;
  private final Duration hostPatience;
  private final PoolMemory memory;
  private final Passwords passwords = new Passwords();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

  /**
   * What failed of one image's pool.
   *
   * @param rounds in which clones failed, without one that came up between them
   * @param until no clone is made before
   */
  private record Trouble(int rounds, Instant last, Instant until) {}

  /** What became of an attempt to make one. */
  private enum Made {
    ONE,
    NO_ROOM,
    /** Something changed meanwhile. */
    NOT_YET
  }

  /**
   * Makes one.
   *
   * @param wake has somebody look at a clone that is to go
   */
  PoolWorker(Term term, ReconcileSettings settings, Placement placement, Consumer<Key<?>> wake) {
    this.term = term;
    this.later = settings.resync().dividedBy(LOOKS);
    this.hostPatience = settings.hostPatience();
    this.memory = new PoolMemory(later);
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
      forget(name);
      return Next.whenever();
    }
    Map<String, HostView> hosts = hosts();
    List<Versioned<CloneRecord>> useful = new ArrayList<>();
    List<Versioned<CloneRecord>> useless = new ArrayList<>();
    pool.forEach(clone -> (isUseful(clone.value(), latest, hosts) ? useful : useless).add(clone));
    noteTrouble(name, useful, useless);
    useless.forEach(this::drop);
    if (wanted > 0) {
      useful.removeIf(this::isGivenUp);
    }
    useful.sort(READIEST);
    while (useful.size() > wanted) {
      drop(useful.removeLast());
    }
    boolean anyShort = relieve(useful, hosts);
    Next next = fill(image, latest, useful.size(), wanted);
    return anyShort && next instanceof Next.Whenever ? Next.after(later) : next;
  }

  /** Its image is gone, or has no pool any more. */
  void forget(String image) {
    troubles.remove(image);
  }

  private Map<String, HostView> hosts() {
    return HostViews.of(term.view(), List.of()).stream()
        .collect(Collectors.toMap(HostView::name, Function.identity()));
  }

  /** One whose host is away is kept: it runs there still, and the host may come back. */
  private static boolean isUseful(
      CloneRecord clone, Optional<Versioned<RevisionRecord>> latest, Map<String, HostView> hosts) {
    HostView host = hosts.get(clone.getAssignment().getHost());
    return !isFailed(clone)
        && host != null
        && !host.cordoned()
        && latest
            .map(revision -> revision.value().getNumber() == clone.getAssignment().getRevision())
            .orElse(false);
  }

  private static boolean isFailed(CloneRecord clone) {
    return switch (CloneRecords.state(clone)) {
      case FAILED, FAILING, BROKEN -> true;
      default -> false;
    };
  }

  /**
   * Its host has been away for so long that another is made in its place. It counts again when its
   * host is back.
   */
  private boolean isGivenUp(Versioned<CloneRecord> clone) {
    String host = clone.value().getAssignment().getHost();
    return !term.hosts().isAlive(term.view(), host)
        && term.hosts().awayFor(host).compareTo(hostPatience) > 0;
  }

  /** What fails round after round is tried ever more seldom, until one comes up. */
  private void noteTrouble(
      String image, List<Versioned<CloneRecord>> useful, List<Versioned<CloneRecord>> useless) {
    Instant now = term.now();
    troubles.computeIfPresent(
        image, (_, trouble) -> cameUpSince(useful, trouble.last()) ? null : trouble);
    useless.stream()
        .map(Versioned::value)
        .filter(PoolWorker::couldNotBeMade)
        .findFirst()
        .ifPresent(failed -> {
          int rounds = troubles.getOrDefault(image, new Trouble(0, now, now)).rounds() + 1;
          Duration pause = term.retries().backoff(rounds, later, LONGEST_PAUSE);
          troubles.put(image, new Trouble(rounds, now, now.plus(pause)));
          log.atWarn()
              .addKeyValue("image", image)
              .addKeyValue("host", failed.getAssignment().getHost())
              .addKeyValue("code", failed.getStatus().getFailure().getCode())
              .log(
                  "a warm clone failed, the next is made in {} s: {}",
                  pause.toSeconds(),
                  failed.getStatus().getFailure().getMessage());
        });
  }

  private static boolean cameUpSince(List<Versioned<CloneRecord>> clones, Instant time) {
    return clones.stream()
        .map(clone -> clone.value().getStatus())
        .filter(CloneStatus::hasReadyTime)
        .anyMatch(status -> Times.instant(status.getReadyTime()).isAfter(time));
  }

  /** Nothing else than its host's end was the reason. */
  private static boolean couldNotBeMade(CloneRecord clone) {
    return isFailed(clone)
        && !clone.getStatus().hasReadyTime()
        && !HOST_GONE.contains(clone.getStatus().getFailure().getCode());
  }

  /** One goes from each host that is short of memory, the last first. True: a host is short. */
  private boolean relieve(List<Versioned<CloneRecord>> useful, Map<String, HostView> hosts) {
    boolean anyShort = false;
    for (Versioned<CloneRecord> clone : List.copyOf(useful).reversed()) {
      HostView host = hosts.get(clone.value().getAssignment().getHost());
      if (host != null && host.alive() && memory.isShort(host)) {
        anyShort = true;
        if (memory.mayRelieve(host, term.now())) {
          drop(clone);
          useful.remove(clone);
        }
      }
    }
    return anyShort;
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
    Instant now = term.now();
    Trouble trouble = troubles.get(image.key().name());
    if (trouble != null && trouble.until().isAfter(now)) {
      return Next.after(Duration.between(now, trouble.until()).plusMillis(1));
    }
    for (int i = there; i < wanted; i++) {
      term.requireLeading();
      switch (make(image, latest.orElseThrow())) {
        case ONE -> {}
        case NO_ROOM -> {
          return Next.after(later);
        }
        case NOT_YET -> {
          return Next.atOnce();
        }
      }
    }
    return Next.whenever();
  }

  private Made make(Versioned<ImageRecord> image, Versioned<RevisionRecord> latest) {
    RevisionRecord revision = latest.value();
    CloneRequest request =
        new CloneRequest(
            revision.getImage(),
            RevisionRecords.places(term.view(), revision),
            revision.getEngine(),
            revision.getEngineVersion(),
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            false,
            OptionalInt.empty(),
            random.nextInt(Integer.MAX_VALUE / 2));
    Instant now = term.now();
    List<HostView> roomy =
        hosts().values().stream().filter(host -> memory.hasRoom(host, now)).toList();
    Decision decision = placement.placeClone(request, roomy);
    if (!(decision instanceof Decision.Placed placed)) {
      log.atDebug()
          .addKeyValue("image", revision.getImage())
          .log("no host has room for a warm clone");
      return Made.NO_ROOM;
    }
    CloneRecord clone = draft(revision, placed, now);
    Txn txn =
        CloneDrafts.create(
            Txn.begin().leading(term.leadership()).unchanged(image).unchanged(latest), clone);
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        memory.taken(placed.host(), now);
        term.wrote(committed.revision());
        yield Made.ONE;
      }
      case Outcome.Conflict conflict -> {
        term.wrote(conflict.revision());
        yield Made.NOT_YET;
      }
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
