package dev.ramet.coordinator.placement;

import dev.ramet.coordinator.placement.HostView.PoolView;
import dev.ramet.coordinator.placement.Refusal.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The filters, in their order. The first that a host fails is its refusal. */
final class HostFilter {

  private final RoomFloor floor;

  HostFilter(RoomFloor floor) {
    this.floor = floor;
  }

  Optional<Refusal> refuse(
      HostView host,
      CloneRequest request,
      Optional<PoolView> pool,
      Optional<String> runtime,
      int port) {
    Optional<Refusal> presence = presence(host, request.host());
    if (presence.isPresent()) {
      return presence;
    }
    if (!request.replicas().containsKey(host.name())) {
      return refusal(Reason.NO_REPLICA, "no ready replica of the revision here");
    }
    if (request.needsGrowth() && pool.isPresent() && !pool.get().tellsGrowth()) {
      return refusal(
          Reason.GROWTH_UNSUPPORTED,
          "pool %s has driver %s, which cannot tell how much a clone has grown"
              .formatted(pool.get().name(), pool.get().driver()));
    }
    Optional<Refusal> storage = storage(pool, 0);
    if (storage.isPresent()) {
      return storage;
    }
    if (runtime.isEmpty()) {
      return noRuntime(
          host,
          request.runtime(),
          request.needsContainer(),
          request.engine(),
          request.engineVersion());
    }
    if (host.cpus() > 0 && request.cpuLimitMillis() > host.cpus() * 1000L) {
      return refusal(
          Reason.TOO_FEW_CPUS,
          "has %d CPUs, and a limit of %s was asked for"
              .formatted(host.cpus(), cpus(request.cpuLimitMillis())));
    }
    return port > 0 ? Optional.empty() : noPort(host, request.port());
  }

  Optional<Refusal> refuse(HostView host, BuildRequest request, Optional<PoolView> pool) {
    Optional<Refusal> presence = presence(host, request.host());
    if (presence.isPresent()) {
      return presence;
    }
    if (request.engine().isPresent() && runtime(host, request).isEmpty()) {
      return noRuntime(
          host, Optional.empty(), false, request.engine().get(), request.engineVersion());
    }
    if (pool.isEmpty() && request.driver().isPresent()) {
      return refusal(Reason.NO_POOL, "no pool of driver " + request.driver().get());
    }
    return storage(pool, request.dataBytes());
  }

  private static Optional<Refusal> presence(HostView host, Optional<String> asked) {
    if (asked.isPresent() && !asked.get().equals(host.name())) {
      return refusal(Reason.NOT_ASKED_FOR, "not the host asked for");
    }
    if (!host.alive()) {
      return refusal(Reason.NOT_ALIVE, "its agent has not been heard of lately");
    }
    if (host.cordoned()) {
      return refusal(Reason.CORDONED, "cordoned");
    }
    return Optional.empty();
  }

  private Optional<Refusal> storage(Optional<PoolView> found, long newBytes) {
    if (found.isEmpty()) {
      return refusal(Reason.NO_POOL, "its pool is not reported");
    }
    PoolView pool = found.get();
    if (!pool.healthy()) {
      return refusal(
          Reason.POOL_UNHEALTHY,
          "pool %s is not healthy: %s".formatted(pool.name(), pool.problem()));
    }
    if (!pool.luns() && !floor.holds(pool, newBytes)) {
      return refusal(
          Reason.NO_ROOM,
          "pool %s has %d MiB free, needs %d MiB"
              .formatted(
                  pool.name(), pool.freeBytes() >> 20, floor.required(pool, newBytes) >> 20));
    }
    return Optional.empty();
  }

  private static Optional<Refusal> noRuntime(
      HostView host, Optional<String> asked, boolean container, String engine, String version) {
    Optional<String> wanted =
        container ? Optional.of(asked.orElse(CloneRequest.CONTAINERS)) : asked;
    if (wanted.isPresent() && !host.runtimes().contains(wanted.get())) {
      String why =
          host.unavailableRuntimes().getOrDefault(wanted.get(), "not configured on the host");
      return refusal(Reason.RUNTIME_MISSING, "runtime %s: %s".formatted(wanted.get(), why));
    }
    if (host.runtimes().isEmpty()) {
      String why =
          host.unavailableRuntimes().entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(entry -> entry.getKey() + ": " + entry.getValue())
              .collect(Collectors.joining("; "));
      return refusal(
          Reason.RUNTIME_MISSING, "no runtime answers" + (why.isEmpty() ? "" : ": " + why));
    }
    String through = wanted.map(name -> " by runtime " + name).orElse("");
    return refusal(
        Reason.ENGINE_MISSING, "cannot run %s %s%s".formatted(engine, version, through).strip());
  }

  private static Optional<Refusal> noPort(HostView host, OptionalInt asked) {
    if (asked.isEmpty()) {
      return refusal(
          Reason.PORTS_EXHAUSTED,
          "all ports of %d-%d are in use".formatted(host.ports().first(), host.ports().last()));
    }
    return refusal(
        Reason.PORT_TAKEN,
        host.ports().contains(asked.getAsInt())
            ? "port %d is in use".formatted(asked.getAsInt())
            : "port %d is outside of %d-%d"
                .formatted(asked.getAsInt(), host.ports().first(), host.ports().last()));
  }

  /** "2", "1.5". */
  private static String cpus(int millis) {
    return millis % 1000 == 0 ? Integer.toString(millis / 1000) : Double.toString(millis / 1000.0);
  }

  private static Optional<Refusal> refusal(Reason reason, String words) {
    return Optional.of(new Refusal(reason, words));
  }

  /** The runtime that would be used, preferred first. */
  static Optional<String> runtime(HostView host, CloneRequest request) {
    Predicate<String> fits =
        name ->
            request.runtime().map(name::equals).orElse(true)
                && (!request.needsContainer() || name.equals(CloneRequest.CONTAINERS))
                && host.runs(name, request.engine(), request.engineVersion());
    return host.runtimes().stream().filter(fits).findFirst();
  }

  static Optional<String> runtime(HostView host, BuildRequest request) {
    return request
        .engine()
        .flatMap(engine ->
            host.runtimes().stream()
                .filter(name -> host.runs(name, engine, request.engineVersion()))
                .findFirst());
  }

  /**
   * The healthy pool with most room; where none is healthy, any, so that its problem can be told.
   */
  static Optional<PoolView> roomiestPool(HostView host, Optional<String> driver) {
    List<PoolView> pools =
        host.pools().stream()
            .filter(pool -> driver.map(pool.driver()::equals).orElse(!pool.luns()))
            .sorted(
                Comparator.comparingInt((PoolView pool) -> pool.healthy() ? 0 : 1)
                    .thenComparing(Comparator.comparingLong(PoolView::freeBytes).reversed())
                    .thenComparing(PoolView::name))
            .toList();
    return pools.stream().findFirst();
  }

  /** The port asked for, if free, or the first free one from the seed on; 0: none. */
  static int port(HostView host, OptionalInt asked, int seed) {
    if (asked.isPresent()) {
      int port = asked.getAsInt();
      return host.ports().contains(port) && !host.portsTaken().contains(port) ? port : 0;
    }
    int size = host.ports().size();
    for (int i = 0; i < size; i++) {
      int port = host.ports().first() + Math.floorMod(seed + i, size);
      if (!host.portsTaken().contains(port)) {
        return port;
      }
    }
    return 0;
  }
}
