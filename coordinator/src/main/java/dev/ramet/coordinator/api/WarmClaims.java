package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.LifetimeRules;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.records.WarmPools;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
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

  private final Records records;
  private final Agents agents;
  private final LifetimePolicy policy;
  private final GrowthPolicy growth;
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();

  WarmClaims(Records records, Agents agents, LifetimePolicy policy, GrowthPolicy growth) {
    this.records = records;
    this.agents = agents;
    this.policy = policy;
    this.growth = growth;
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

  /** Empty: the pool has none that answers and is what was asked for. */
  Optional<Claim> claim(
      View view, CreateCloneRequest request, CloneSource source, Instant received) {
    if (!isPlain(request.getSpec())) {
      return Optional.empty();
    }
    for (Versioned<CloneRecord> warm : WarmPools.ready(view, source.image(), source.revision())) {
      String uid = warm.value().getMeta().getUid();
      CloneAssignment place = warm.value().getAssignment();
      boolean told = HostViews.tellsGrowth(view, place.getHost(), place.getPool());
      boolean fits = fits(place, request.getSpec()) && (told || request.getGrowthLimitBytes() == 0);
      if (fits && claimed.add(uid)) {
        if (answers(view, warm.value())) {
          return Optional.of(new Claim(warm, taken(view, warm.value(), request, received)));
        }
        claimed.remove(uid);
      }
    }
    return Optional.empty();
  }

  /** Asks for nothing that a server has from its start on: limits, options, a port, a size. */
  private static boolean isPlain(CloneSpec spec) {
    CloneSpec rest = spec.toBuilder().clearImage().clearHost().clearRuntime().build();
    return rest.equals(CloneSpec.getDefaultInstance());
  }

  private static boolean fits(CloneAssignment place, CloneSpec spec) {
    return (spec.getHost().isEmpty() || spec.getHost().equals(place.getHost()))
        && (spec.getRuntime().isEmpty() || spec.getRuntime().equals(place.getRuntime()));
  }

  private boolean answers(View view, CloneRecord warm) {
    CloneAssignment place = warm.getAssignment();
    try {
      return agents
          .find(view, place.getHost())
          .map(agent -> agent.activity(place.getVolume()))
          .isPresent();
    } catch (AgentException dead) {
      log.atWarn()
          .addKeyValue("clone", place.getVolume())
          .addKeyValue("host", place.getHost())
          .log("a warm clone does not answer and is not given away: {}", dead.fault().message());
      return false;
    }
  }

  private CloneRecord taken(
      View view, CloneRecord warm, CreateCloneRequest request, Instant received) {
    Instant now = records.now();
    Meta meta =
        Meta.newBuilder()
            .setName(request.getName())
            .setUid(warm.getMeta().getUid())
            .setGeneration(warm.getMeta().getGeneration())
            .setCreateTime(Times.message(received))
            .putAllLabels(request.getLabelsMap())
            .build();
    CloneStatus status =
        CloneStatus.newBuilder()
            .setState(Clone.State.READY)
            .setObservedGeneration(meta.getGeneration())
            .setReadyTime(Times.message(now))
            .setTotalNanos(Duration.between(received, now).toNanos())
            .addSteps(CloneDrafts.step("claim", received, now))
            .build();
    return warm.toBuilder()
        .setMeta(meta)
        .setSpec(request.getSpec())
        .setWish(
            CloneGrowth.with(
                CloneLifetimes.wish(
                    request.getLifetime(),
                    LifetimeRules.of(view, policy, warm.getAssignment().getImage()),
                    received),
                request,
                growth,
                HostViews.tellsGrowth(
                    view, warm.getAssignment().getHost(), warm.getAssignment().getPool())))
        .setStatus(status)
        .build();
  }
}
