package dev.ramet.coordinator.api;

import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.OrphanSeen;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the difference between two records, or two reports, of a host tells. Pure. */
final class HostTeller {
  private static final int NAMED = 5;

  private HostTeller() {}

  static List<Event> changed(
      String name, @Nullable HostRecord before, @Nullable HostRecord after, Instant now) {
    Telling telling = Telling.change(name, now);
    if (after == null) {
      return before == null
          ? List.of()
          : telling.add(EventType.HOST_GONE, "its record is removed").events();
    }
    HostRecord from = before == null ? HostRecord.getDefaultInstance() : before;
    if (before == null) {
      telling.add(
          EventType.HOST_JOINED,
          after.getMeta().getCreateTime(),
          "its agent is at " + after.getAgentAddress());
    }
    if (after.getCordoned() && !from.getCordoned()) {
      telling.add(EventType.HOST_CORDONED, "nothing new is placed on it; what runs goes on");
    }
    if (from.getCordoned() && !after.getCordoned()) {
      telling.add(EventType.HOST_UNCORDONED, "it takes new clones and images again");
    }
    if (after.getMeta().hasDeleteTime() && !from.getMeta().hasDeleteTime()) {
      telling.add(EventType.HOST_REMOVING, after.getMeta().getDeleteTime(), "it was declared lost");
    }
    orphans(telling, from, after);
    return telling.events();
  }

  private static void orphans(Telling telling, HostRecord before, HostRecord after) {
    Set<String> come = ids(after);
    come.removeAll(ids(before));
    if (!come.isEmpty()) {
      telling.add(EventType.ORPHANS_FOUND, "no record wants " + listed(come));
    }
    boolean reaped = after.hasLastReap() && !after.getLastReap().equals(before.getLastReap());
    if (reaped && after.getLastReap().getRemovedCount() > 0) {
      telling.add(
          EventType.ORPHANS_REMOVED,
          listed(new TreeSet<>(after.getLastReap().getRemovedList())) + ", as was asked for");
    }
  }

  private static Set<String> ids(HostRecord host) {
    return host.getOrphansList().stream()
        .map(OrphanSeen::getId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String listed(Set<String> ids) {
    String some = ids.stream().limit(NAMED).collect(Collectors.joining(", "));
    return ids.size() <= NAMED ? some : "%s and %d more".formatted(some, ids.size() - NAMED);
  }

  /** It was heard of again, was not any more, or reports something else. */
  static List<Event> reported(
      String name, @Nullable HostReport before, @Nullable HostReport after, Instant now) {
    Telling telling = Telling.change(name, now);
    if (after == null) {
      return before == null ? List.of() : lost(telling).events();
    }
    if (before == null) {
      telling.add(EventType.HOST_ALIVE, "its agent reports");
    }
    compare(telling, before == null ? HostReport.getDefaultInstance() : before, after);
    return telling.events();
  }

  /** What is wrong with it, or worth knowing. */
  static List<Event> present(String name, HostRecord host, @Nullable HostReport report) {
    Telling telling = Telling.present(name);
    if (host.getMeta().hasDeleteTime()) {
      telling.add(EventType.HOST_REMOVING, host.getMeta().getDeleteTime(), "it was declared lost");
    } else if (report == null) {
      lost(telling);
    }
    if (host.getCordoned()) {
      telling.add(EventType.HOST_CORDONED, "nothing new is placed on it; what runs goes on");
    }
    if (report != null) {
      report.getPoolsList().stream()
          .filter(pool -> !pool.getHealthy())
          .forEach(pool -> unhealthy(telling, pool));
    }
    orphans(telling, HostRecord.getDefaultInstance(), host.toBuilder().clearLastReap().build());
    return telling.events();
  }

  private static Telling lost(Telling telling) {
    return telling.add(
        EventType.HOST_LOST,
        "its agent has not reported: its clones are shown with their last state");
  }

  private static void compare(Telling telling, HostReport before, HostReport after) {
    TreeMap<String, Boolean> healthy = new TreeMap<>();
    before.getPoolsList().forEach(pool -> healthy.put(pool.getName(), pool.getHealthy()));
    for (Pool pool : after.getPoolsList()) {
      boolean was = healthy.getOrDefault(pool.getName(), true);
      if (was && !pool.getHealthy()) {
        unhealthy(telling, pool);
      } else if (!was && pool.getHealthy()) {
        telling.add(EventType.POOL_HEALTHY, "pool " + pool.getName());
      }
    }
    for (String runtime : before.getRuntimesList()) {
      if (!after.getRuntimesList().contains(runtime)) {
        String why = after.getUnavailableRuntimesOrDefault(runtime, "it is not usable any more");
        telling.add(EventType.RUNTIME_LOST, runtime + ": " + why);
      }
    }
    for (String runtime : after.getRuntimesList()) {
      if (before.containsUnavailableRuntimes(runtime)) {
        telling.add(EventType.RUNTIME_BACK, runtime);
      }
    }
  }

  private static void unhealthy(Telling telling, Pool pool) {
    telling.add(
        EventType.POOL_UNHEALTHY, "pool %s: %s".formatted(pool.getName(), pool.getProblem()));
  }
}
