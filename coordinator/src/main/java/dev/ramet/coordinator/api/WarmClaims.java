package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.InstancePlace;
import dev.ramet.coordinator.placement.CloneRequest;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.records.WarmPools;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a clone out of its image's warm pool for a user: its server is asked whether it answers,
 * then one transaction moves its record from the pool's name to the user's. Of two who want the
 * same one, one gets it and the other looks again. Its password was told to nobody before.
 */
final class WarmClaims {
  private static final Logger log = LoggerFactory.getLogger(WarmClaims.class);

  /** A server that waits for its user answers at once; making a clone anew takes little longer. */
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(500);

  /** Somebody waits: after so many that did not answer, a clone is made for them. */
  private static final int ASKED = 2;

  private final Records records;
  private final Agents agents;
  private final GrowthPolicy growth;
  private final Silences silences;
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();

  WarmClaims(Records records, Agents agents, GrowthPolicy growth) {
    this.records = records;
    this.agents = agents;
    this.growth = growth;
    this.silences = new Silences(records);
  }

  /** One that no other caller in this coordinator is given until it is closed. */
  final class Claim implements AutoCloseable {
    private final Versioned<CloneRecord> warm;
    private final CloneRecord next;

    private Claim(Versioned<CloneRecord> warm, CloneRecord next) {
      this.warm = warm;
      this.next = next;
    }

    /** It is the user's now, if nobody else took it and the name is free. */
    Txn txn() {
      CloneAssignment place = next.getAssignment();
      return Txn.begin()
          .delete(warm)
          .create(Keys.clone(next.getMeta().getName()), next)
          .put(Keys.port(place.getHost(), place.getPort()), CloneDrafts.port(next));
    }

    @Override
    public void close() {
      claimed.remove(warm.value().getMeta().getUid());
    }
  }

  /**
   * Empty: the pool has none that answers and is what was asked for.
   *
   * @param life what it is to live by
   */
  Optional<Claim> claim(
      View view, CreateCloneRequest request, CloneSource source, CloneWish life, Instant received) {
    if (!isPlain(request.getSpec())) {
      return Optional.empty();
    }
    int asked = 0;
    for (Versioned<CloneRecord> warm : WarmPools.ready(view, source.image(), source.revision())) {
      if (fits(view, warm.value().getAssignment(), request)
          && !silences.isLeftAlone(warm)
          && claimed.add(warm.value().getMeta().getUid())) {
        Optional<Claim> claim = claimIfItAnswers(view, warm, request, life, received);
        if (claim.isPresent() || ++asked == ASKED) {
          return claim;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Claim> claimIfItAnswers(
      View view,
      Versioned<CloneRecord> warm,
      CreateCloneRequest request,
      CloneWish life,
      Instant received) {
    Optional<Claim> claim = Optional.empty();
    try {
      if (answers(view, warm)) {
        claim = Optional.of(new Claim(warm, taken(view, warm.value(), request, life, received)));
      }
      return claim;
    } finally {
      if (claim.isEmpty()) {
        claimed.remove(warm.value().getMeta().getUid());
      }
    }
  }

  /** Asks for nothing that cannot be changed once a server runs: its options, its size. */
  private static boolean isPlain(CloneSpec spec) {
    return spec.getEngineOptionsCount() == 0
        && spec.getSizeLimitBytes() == 0
        && spec.getFrom().isEmpty();
  }

  private static boolean fits(View view, CloneAssignment place, CreateCloneRequest request) {
    CloneSpec spec = request.getSpec();
    return (spec.getHost().isEmpty() || spec.getHost().equals(place.getHost()))
        && (spec.getRuntime().isEmpty() || spec.getRuntime().equals(place.getRuntime()))
        && (spec.getPort() == 0 || spec.getPort() == place.getPort())
        && (!CloneCreation.needsContainer(spec)
            || place.getRuntime().equals(CloneRequest.CONTAINERS))
        && (request.getGrowthLimitBytes() == 0
            || HostViews.tellsGrowth(view, place.getHost(), place.getPool()));
  }

  private boolean answers(View view, Versioned<CloneRecord> warm) {
    CloneAssignment place = warm.value().getAssignment();
    try {
      Optional<Agent> agent = agents.find(view, place.getHost(), ANSWER_WITHIN);
      if (agent.isEmpty()) {
        return false;
      }
      agent
          .get()
          .probe(
              new InstancePlace(
                  place.getVolume(),
                  place.getPool(),
                  place.getData().getEngine(),
                  place.getPort()));
      silences.ended(warm);
      return true;
    } catch (AgentException silent) {
      log.atWarn()
          .addKeyValue("clone", place.getVolume())
          .addKeyValue("host", place.getHost())
          .log("a warm clone does not answer and is not given away: {}", silent.fault().message());
      if (!silent.fault().is(ErrorCode.AGENT_UNREACHABLE)) {
        silences.note(warm);
      }
      return false;
    }
  }

  private CloneRecord taken(
      View view, CloneRecord warm, CreateCloneRequest request, CloneWish life, Instant received) {
    CloneAssignment place = warm.getAssignment();
    Instant now = records.now();
    Meta meta =
        Meta.newBuilder()
            .setName(request.getName())
            .setUid(warm.getMeta().getUid())
            .setGeneration(warm.getMeta().getGeneration())
            .setCreateTime(Times.message(received))
            .putAllLabels(request.getLabelsMap())
            .build();
    return warm.toBuilder()
        .setMeta(meta)
        .setSpec(request.getSpec())
        .setStatus(
            CloneCreation.needsContainer(request.getSpec())
                ? limitsToBeSet(received, now)
                : ready(meta, received, now))
        .setWish(
            CloneGrowth.with(
                life,
                request,
                growth,
                HostViews.tellsGrowth(view, place.getHost(), place.getPool())))
        .setAskedLifetime(request.getLifetime())
        .setAskedGrowthLimitBytes(request.getGrowthLimitBytes())
        .build();
  }

  private static CloneStatus ready(Meta meta, Instant received, Instant now) {
    return CloneStatus.newBuilder()
        .setState(Clone.State.READY)
        .setObservedGeneration(meta.getGeneration())
        .setReadyTime(Times.message(now))
        .setTotalNanos(Duration.between(received, now).toNanos())
        .addSteps(CloneDrafts.step(CloneDrafts.CLAIM, received, now))
        .build();
  }

  /** As one that is being made: the leader repeats its start, which sets them. */
  private static CloneStatus limitsToBeSet(Instant received, Instant now) {
    return CloneStatus.newBuilder()
        .setState(Clone.State.PENDING)
        .addSteps(CloneDrafts.step(CloneDrafts.CLAIM, received, now))
        .build();
  }
}
