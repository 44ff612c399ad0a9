package dev.ramet.coordinator.api;

import com.google.protobuf.Timestamp;
import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.HostReaps;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.HostThing;
import dev.ramet.proto.v1.MissingThing;
import java.util.Map;
import java.util.Optional;

/** Asks one host what it holds, and compares. */
final class HostChecks {
  /** Own bytes cost the host a look at each extent. */
  private static final int MAX_SIZED = 100;

  private final Records records;
  private final Agents agents;

  HostChecks(Records records, Fleet fleet, Arrays arrays) {
    this.records = records;
    this.agents = new Agents(fleet, arrays);
  }

  HostCheck check(String host) {
    View view = records.view();
    Optional<HostRecord> record = view.get(Keys.host(host)).map(Versioned::value);
    if (record.isEmpty() || HostViews.alive(view, host).isEmpty()) {
      return notAsked(host, Agents.lost(host));
    }
    Agent agent = agents.of(view, host);
    try {
      HostComparison before = HostComparison.begin(view, host);
      Inventory inventory = agent.inventory();
      HostCheck.Builder found = before.compare(records.view(), inventory);
      confirmMissing(agent, found);
      return described(agent, record.get(), found).setReaping(record.get().hasReapTime()).build();
    } catch (AgentException error) {
      return notAsked(host, error.fault());
    }
  }

  private static HostCheck notAsked(String host, Fault why) {
    return HostCheck.newBuilder().setHost(host).setFailure(Failures.message(why)).build();
  }

  /** A list leaves out what cannot be read: only a look at the thing itself tells. */
  private static void confirmMissing(Agent agent, HostCheck.Builder found) {
    for (int i = found.getMissingCount() - 1; i >= 0; i--) {
      if (isThere(agent, found.getMissing(i))) {
        found.removeMissing(i);
      }
    }
  }

  private static boolean isThere(Agent agent, MissingThing thing) {
    String id = thing.getId();
    return switch (thing.getKind()) {
      case VOLUME -> observed(agent, thing.getPool(), id, "", "").volume().isPresent();
      case SNAPSHOT -> observed(agent, thing.getPool(), "", "", id).snapshot();
      case INSTANCE ->
          observed(agent, thing.getPool(), "", id, "")
              .instance()
              .filter(seen -> seen.condition() != InstanceSeen.Condition.DEAD)
              .isPresent();
      case KIND_UNSPECIFIED, UNRECOGNIZED -> true;
    };
  }

  private static Observation observed(
      Agent agent, String pool, String volume, String instance, String snapshot) {
    return agent.observe(pool, volume, instance, snapshot);
  }

  private static HostCheck.Builder described(
      Agent agent, HostRecord record, HostCheck.Builder found) {
    Map<String, Timestamp> since = HostReaps.since(record);
    int sized = 0;
    for (HostThing.Builder thing : found.getThingsBuilderList()) {
      if (thing.getStanding() != HostThing.Standing.ORPHAN) {
        continue;
      }
      Optional.ofNullable(since.get(thing.getId())).ifPresent(thing::setSince);
      if (thing.getKind() == HostThing.Kind.VOLUME && sized < MAX_SIZED) {
        sized++;
        thing.setOwnBytes(ownBytes(agent, thing));
      }
    }
    return found;
  }

  /** 0 where it cannot be said: it may have gone meanwhile, or its driver cannot tell. */
  private static long ownBytes(Agent agent, HostThing.Builder volume) {
    try {
      return agent.ownBytes(volume.getPool(), volume.getId());
    } catch (AgentException error) {
      return 0;
    }
  }
}
