package dev.ramet.coordinator.records;

import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.placement.HostView;
import dev.ramet.coordinator.placement.HostView.EngineView;
import dev.ramet.coordinator.placement.HostView.PoolView;
import dev.ramet.coordinator.placement.HostView.PortRange;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.HostReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * What placement sees of the hosts, made from the records and from what was decided but is not in
 * the view yet.
 */
public final class HostViews {
  /** A decision whose record has not come back in the view. */
  public record Reservation(String cloneName, String host, int port, String image) {}

  /** A capability of pools whose driver tells how much volumes have grown. */
  private static final String GROWTH = "GROWTH";

  /** A capability of pools that attach volumes of arrays. */
  private static final String LUN = "LUN";

  private HostViews() {}

  /** Host to pool of all that can attach a volume of this array, alive or not. */
  public static Map<String, String> reachOf(View view, String array) {
    Map<String, String> reach = new TreeMap<>();
    for (Versioned<HostRecord> host : view.list(Kind.HOST)) {
      report(view, host.value()).getPoolsList().stream()
          .filter(pool -> pool.getCapabilitiesList().contains(LUN))
          .findFirst()
          .ifPresent(pool ->
              reach.put(
                  host.value().getMeta().getName(), new SanPool(array, pool.getName()).text()));
    }
    return reach;
  }

  public static List<HostView> of(View view, Collection<Reservation> reservations) {
    Map<String, Tally> tallies = new HashMap<>();
    Set<String> counted = new HashSet<>();
    for (Versioned<CloneRecord> clone : view.list(Kind.CLONE)) {
      if (CloneRecords.isLive(clone.value())) {
        tally(tallies, clone.value().getAssignment().getHost())
            .count(clone.value().getAssignment().getImage());
      }
      counted.add(clone.value().getMeta().getName());
    }
    for (Reservation reservation : reservations) {
      Tally tally = tally(tallies, reservation.host());
      tally.ports.add(reservation.port());
      if (!counted.contains(reservation.cloneName())) {
        tally.count(reservation.image());
      }
    }
    List<HostView> hosts = new ArrayList<>();
    for (Versioned<HostRecord> host : view.list(Kind.HOST)) {
      String name = host.value().getMeta().getName();
      Tally tally = tally(tallies, name);
      view.list(Kind.PORT, name)
          .forEach(port -> tally.ports.add(Integer.parseInt(port.key().names().get(1))));
      hosts.add(hostView(view, host.value(), tally));
    }
    return hosts;
  }

  /** The newest report of a host: that of the lease, else the last one kept. */
  public static HostReport report(View view, HostRecord host) {
    return alive(view, host.getMeta().getName()).orElse(host.getReport());
  }

  /** Whether a pool can tell how much its volumes have grown. */
  public static boolean tellsGrowth(View view, String host, String pool) {
    return view.get(Keys.host(host)).stream()
        .flatMap(record -> report(view, record.value()).getPoolsList().stream())
        .anyMatch(
            found -> found.getName().equals(pool) && found.getCapabilitiesList().contains(GROWTH));
  }

  /** What a live host says; empty: it has not been heard of lately, or is declared lost. */
  public static Optional<HostReport> alive(View view, String host) {
    return view.get(Keys.hostAlive(host)).filter(_ -> !isRemoved(view, host)).map(Versioned::value);
  }

  /** It is alive and takes new clones. */
  public static boolean isOpen(View view, String host) {
    return alive(view, host).isPresent()
        && view.get(Keys.host(host)).map(record -> !record.value().getCordoned()).orElse(false);
  }

  /** It was declared lost: nothing that it held is there any more. */
  public static boolean isRemoved(View view, String host) {
    return view.get(Keys.host(host))
        .map(record -> record.value().getMeta().hasDeleteTime())
        .orElse(false);
  }

  /** A port of the host that nobody has, looked for from the seed on; empty: all are in use. */
  public static OptionalInt freePort(View view, String host, int seed) {
    return of(view, List.of()).stream()
        .filter(found -> found.name().equals(host))
        .map(found -> Placement.freePort(found, seed))
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  /** Names of the clones, warm ones too, that hold something on a host, or a port of it. */
  public static List<String> clonesOn(View view, String host) {
    return view.list(Kind.CLONE).stream()
        .map(Versioned::value)
        .filter(clone -> clone.getAssignment().getHost().equals(host))
        .filter(clone ->
            CloneRecords.state(clone) != CloneState.FAILED
                || CloneRecords.heldPort(view, clone).isPresent())
        .map(clone -> clone.getMeta().getName())
        .toList();
  }

  private static HostView hostView(View view, HostRecord host, Tally tally) {
    String name = host.getMeta().getName();
    boolean alive = alive(view, name).isPresent();
    HostReport report = report(view, host);
    tally.ports.addAll(report.getPortsInUseList());
    return new HostView(
        name,
        alive,
        host.getCordoned(),
        report.getPoolsList().stream()
            .map(pool ->
                new PoolView(
                    pool.getName(),
                    pool.getDriver(),
                    pool.getHealthy(),
                    pool.getProblem(),
                    pool.getFreeBytes(),
                    pool.getTotalBytes(),
                    pool.getCapabilitiesList().contains(GROWTH),
                    pool.getCapabilitiesList().contains(LUN)))
            .toList(),
        List.copyOf(report.getRuntimesList()),
        report.getUnavailableRuntimesMap(),
        report.getEnginesList().stream()
            .map(engine ->
                new EngineView(
                    engine.getEngine(), engine.getRuntime(), List.copyOf(engine.getVersionsList())))
            .toList(),
        report.getCpus(),
        report.getMemoryTotalBytes(),
        report.getMemoryAvailableBytes(),
        tally.clones,
        tally.byImage,
        new PortRange(report.getFirstPort(), report.getLastPort()),
        tally.ports);
  }

  private static Tally tally(Map<String, Tally> tallies, String host) {
    return tallies.computeIfAbsent(host, _ -> new Tally());
  }

  private static final class Tally {
    private int clones;
    private final Map<String, Integer> byImage = new HashMap<>();
    private final Set<Integer> ports = new HashSet<>();

    void count(String image) {
      clones++;
      byImage.merge(image, 1, Integer::sum);
    }
  }
}
