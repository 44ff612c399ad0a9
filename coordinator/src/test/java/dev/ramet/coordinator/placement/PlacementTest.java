package dev.ramet.coordinator.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.placement.HostView.EngineView;
import dev.ramet.coordinator.placement.HostView.PoolView;
import dev.ramet.coordinator.placement.HostView.PortRange;
import dev.ramet.coordinator.placement.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final long GIB = 1L << 30;
  private final Placement placement = new Placement(Weights.DEFAULT, new RoomFloor(GIB, 0.05));

  private static HostView host(String name) {
    return host(
        name,
        true,
        false,
        new PoolView("main", "reflink", true, "", 50 * GIB, 100 * GIB, true, false),
        0,
        Set.of());
  }

  private static HostView host(
      String name, boolean alive, boolean cordoned, PoolView pool, int clones, Set<Integer> taken) {
    return new HostView(
        name,
        alive,
        cordoned,
        List.of(pool),
        List.of("docker", "process"),
        Map.of(),
        List.of(
            new EngineView("postgres", "docker", List.of("15")),
            new EngineView("postgres", "process", List.of("15"))),
        2,
        16 * GIB,
        8 * GIB,
        clones,
        Map.of(),
        new PortRange(15000, 15009),
        taken);
  }

  private static CloneRequest request(String... replicas) {
    Map<String, String> where = new HashMap<>();
    for (String host : replicas) {
      where.put(host, "main");
    }
    return new CloneRequest(
        "app",
        where,
        "postgres",
        "15",
        Optional.empty(),
        Optional.empty(),
        false,
        0,
        false,
        OptionalInt.empty(),
        3);
  }

  private Reason refusal(HostView host, CloneRequest request) {
    Decision decision = placement.placeClone(request, List.of(host));
    return decision.table().getFirst().refusal().orElseThrow().reason();
  }

  @Test
  void theHostWithFewerClonesIsChosen() {
    HostView busy = host("a", true, false, host("a").pools().getFirst(), 3, Set.of());
    Decision decision = placement.placeClone(request("a", "b"), List.of(busy, host("b")));
    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Placed.class,
            placed -> {
              assertThat(placed.host()).isEqualTo("b");
              assertThat(placed.runtime()).isEqualTo("docker");
              assertThat(placed.port()).isEqualTo(15003);
            });
  }

  @Test
  void equalHostsAreTakenByName() {
    for (List<HostView> order :
        List.of(List.of(host("a"), host("b")), List.of(host("b"), host("a")))) {
      assertThat(placement.placeClone(request("a", "b"), order))
          .isInstanceOfSatisfying(
              Decision.Placed.class, placed -> assertThat(placed.host()).isEqualTo("a"));
    }
  }

  @Test
  void fourClonesOnTwoHostsAreSpreadEvenly() {
    int[] clones = new int[2];
    for (int i = 0; i < 4; i++) {
      HostView a = host("a", true, false, host("a").pools().getFirst(), clones[0], Set.of());
      HostView b = host("b", true, false, host("b").pools().getFirst(), clones[1], Set.of());
      Decision.Placed placed =
          (Decision.Placed) placement.placeClone(request("a", "b"), List.of(a, b));
      clones[placed.host().equals("a") ? 0 : 1]++;
    }
    assertThat(clones).containsExactly(2, 2);
  }

  @Test
  void eachFilterHasItsReason() {
    PoolView good = host("a").pools().getFirst();
    CloneRequest any = request("a");
    assertThat(refusal(host("a", false, false, good, 0, Set.of()), any))
        .isEqualTo(Reason.NOT_ALIVE);
    assertThat(refusal(host("a", true, true, good, 0, Set.of()), any)).isEqualTo(Reason.CORDONED);
    assertThat(refusal(host("a"), request("b"))).isEqualTo(Reason.NO_REPLICA);
    PoolView sick =
        new PoolView("main", "reflink", false, "read-only", 50 * GIB, 100 * GIB, true, false);
    assertThat(refusal(host("a", true, false, sick, 0, Set.of()), any))
        .isEqualTo(Reason.POOL_UNHEALTHY);
    PoolView full = new PoolView("main", "reflink", true, "", 4 * GIB, 100 * GIB, true, false);
    assertThat(refusal(host("a", true, false, full, 0, Set.of()), any)).isEqualTo(Reason.NO_ROOM);
    Set<Integer> all = new HashSet<>();
    for (int port = 15000; port <= 15009; port++) {
      all.add(port);
    }
    assertThat(refusal(host("a", true, false, good, 0, all), any))
        .isEqualTo(Reason.PORTS_EXHAUSTED);
  }

  @Test
  void whatWasAskedForIsHonouredOrRefused() {
    CloneRequest any = request("a", "b");
    CloneRequest there =
        with(any, Optional.of("b"), Optional.of("process"), false, OptionalInt.of(15007));
    assertThat(placement.placeClone(there, List.of(host("a"), host("b"))))
        .isInstanceOfSatisfying(
            Decision.Placed.class,
            placed -> {
              assertThat(placed.host()).isEqualTo("b");
              assertThat(placed.runtime()).isEqualTo("process");
              assertThat(placed.port()).isEqualTo(15007);
            });
    CloneRequest outside = with(any, Optional.empty(), Optional.empty(), false, OptionalInt.of(80));
    assertThat(refusal(host("a"), outside)).isEqualTo(Reason.PORT_TAKEN);
    CloneRequest strange =
        with(any, Optional.empty(), Optional.of("vm"), false, OptionalInt.empty());
    assertThat(refusal(host("a"), strange)).isEqualTo(Reason.RUNTIME_MISSING);
  }

  private static CloneRequest with(
      CloneRequest request,
      Optional<String> host,
      Optional<String> runtime,
      boolean container,
      OptionalInt port) {
    return new CloneRequest(
        request.image(),
        request.replicas(),
        request.engine(),
        request.engineVersion(),
        host,
        runtime,
        container,
        request.cpuLimitMillis(),
        request.needsGrowth(),
        port,
        request.portSeed());
  }

  private static HostView inReach(String name) {
    PoolView luns = new PoolView("san", "iscsi", true, "", 0, 0, false, true);
    return host(name, true, false, luns, 0, Set.of());
  }

  @Test
  void anArraysVolumeGoesToAnyHostInReachWhateverRoomItHas() {
    CloneRequest plain = request();
    CloneRequest onArray =
        new CloneRequest(
            plain.image(),
            Map.of("a", "lab@san", "b", "lab@san"),
            plain.engine(),
            plain.engineVersion(),
            plain.host(),
            plain.runtime(),
            false,
            0,
            false,
            plain.port(),
            3);
    assertThat(placement.placeClone(onArray, List.of(inReach("a"), host("c"))))
        .isInstanceOfSatisfying(
            Decision.Placed.class,
            placed -> {
              assertThat(placed.host()).isEqualTo("a");
              assertThat(placed.pool()).as("as records have it").isEqualTo("lab@san");
            });
    assertThat(refusal(host("c"), onArray)).isEqualTo(Reason.NO_REPLICA);
  }

  @Test
  void nothingElseIsPutWhereOnlyArraysVolumesAre() {
    BuildRequest plain =
        new BuildRequest(Optional.of("postgres"), "15", Optional.empty(), Optional.empty(), 0);
    assertThat(placement.placeBuild(plain, List.of(inReach("a"))))
        .isInstanceOf(Decision.Rejected.class);
    assertThat(placement.placesForReplica(plain, List.of(inReach("a"), host("b"))))
        .containsOnlyKeys("b");
    BuildRequest onArray =
        new BuildRequest(Optional.of("postgres"), "15", Optional.empty(), Optional.of("iscsi"), 0);
    assertThat(placement.placeBuild(onArray, List.of(inReach("a"), host("b"))))
        .isInstanceOfSatisfying(
            Decision.Placed.class, placed -> assertThat(placed.host()).isEqualTo("a"));
  }

  @Test
  void aCloneWhoseGrowthIsWatchedNeedsAPoolThatCanTell() {
    PoolView mute = new PoolView("main", "btrfs", true, "", 50 * GIB, 100 * GIB, false, false);
    HostView host = host("a", true, false, mute, 0, Set.of());
    CloneRequest plain = request("a");
    CloneRequest watched =
        new CloneRequest(
            plain.image(),
            plain.replicas(),
            plain.engine(),
            plain.engineVersion(),
            plain.host(),
            plain.runtime(),
            false,
            0,
            true,
            plain.port(),
            3);
    assertThat(placement.placeClone(plain, List.of(host))).isInstanceOf(Decision.Placed.class);
    assertThat(refusal(host, watched)).isEqualTo(Reason.GROWTH_UNSUPPORTED);
    assertThat(placement.placeClone(watched, List.of(host("a"), host)))
        .as("another host can")
        .isInstanceOf(Decision.Placed.class);
  }

  @Test
  void moreCpusThanTheHostHasAreRefused() {
    CloneRequest plain = request("a");
    CloneRequest wide =
        new CloneRequest(
            plain.image(),
            plain.replicas(),
            plain.engine(),
            plain.engineVersion(),
            plain.host(),
            plain.runtime(),
            true,
            2500,
            false,
            plain.port(),
            3);
    Decision decision = placement.placeClone(wide, List.of(host("a")));
    Refusal refusal = decision.table().getFirst().refusal().orElseThrow();
    assertThat(refusal.reason()).isEqualTo(Reason.TOO_FEW_CPUS);
    assertThat(refusal.words()).isEqualTo("has 2 CPUs, and a limit of 2.5 was asked for");
  }

  @Test
  void aBuildNeedsRoomForItsDataAndAFifthMore() {
    BuildRequest fits =
        new BuildRequest(
            Optional.of("postgres"), "15", Optional.empty(), Optional.empty(), 41 * GIB);
    BuildRequest tooMuch =
        new BuildRequest(
            Optional.of("postgres"), "15", Optional.empty(), Optional.empty(), 42 * GIB);
    assertThat(placement.placeBuild(fits, List.of(host("a")))).isInstanceOf(Decision.Placed.class);
    Decision.Rejected rejected =
        (Decision.Rejected) placement.placeBuild(tooMuch, List.of(host("a")));
    assertThat(Placement.commonReason(rejected)).contains(Reason.NO_ROOM);
  }

  /**
   * Random fleets: whatever is chosen is possible, the answer does not depend on the order, and
   * nothing is left out.
   */
  @Test
  void nothingImpossibleIsEverChosen() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 3000; round++) {
      List<HostView> hosts = randomFleet(random);
      CloneRequest request = randomRequest(random, hosts);
      Decision decision = placement.placeClone(request, hosts);
      String where = "seed %d, round %d: %s".formatted(seed, round, decision);
      assertThat(decision.table()).as(where).hasSize(hosts.size());
      List<HostView> shuffled = new ArrayList<>(hosts);
      Collections.shuffle(shuffled, random);
      assertThat(placement.placeClone(request, shuffled)).as(where).isEqualTo(decision);
      switch (decision) {
        case Decision.Rejected rejected ->
            assertThat(rejected.table()).as(where).allMatch(line -> line.refusal().isPresent());
        case Decision.Placed placed -> {
          HostView host =
              hosts.stream()
                  .filter(view -> view.name().equals(placed.host()))
                  .findFirst()
                  .orElseThrow();
          assertPossible(where, host, request, placed);
        }
      }
    }
  }

  private static void assertPossible(
      String where, HostView host, CloneRequest request, Decision.Placed placed) {
    assertThat(host.alive()).as(where).isTrue();
    assertThat(host.cordoned()).as(where).isFalse();
    assertThat(request.replicas()).as(where).containsEntry(host.name(), placed.pool());
    PoolView pool = host.pool(placed.pool()).orElseThrow();
    assertThat(pool.healthy()).as(where).isTrue();
    assertThat(pool.freeBytes()).as(where).isGreaterThanOrEqualTo(GIB);
    assertThat(host.portsTaken()).as(where).doesNotContain(placed.port());
    assertThat(host.ports().contains(placed.port())).as(where).isTrue();
    assertThat(host.runtimes()).as(where).contains(placed.runtime());
    request.host().ifPresent(asked -> assertThat(placed.host()).as(where).isEqualTo(asked));
    request.runtime().ifPresent(asked -> assertThat(placed.runtime()).as(where).isEqualTo(asked));
    request.port().ifPresent(asked -> assertThat(placed.port()).as(where).isEqualTo(asked));
    assertThat(placed.table().getFirst().chosen()).as(where).isTrue();
    double best = placed.table().getFirst().score();
    assertThat(placed.table()).as(where).allMatch(line -> line.score() <= best);
  }

  private static List<HostView> randomFleet(Random random) {
    List<HostView> hosts = new ArrayList<>();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      Set<Integer> taken = new HashSet<>();
      int ports = random.nextInt(12);
      for (int p = 0; p < ports; p++) {
        taken.add(15000 + random.nextInt(10));
      }
      PoolView pool =
          new PoolView(
              "main",
              "reflink",
              random.nextInt(5) > 0,
              "sick",
              random.nextLong(100 * GIB),
              100 * GIB,
              random.nextBoolean(),
              false);
      hosts.add(
          host(
              "h" + i,
              random.nextInt(5) > 0,
              random.nextInt(5) == 0,
              pool,
              random.nextInt(20),
              taken));
    }
    return hosts;
  }

  private static CloneRequest randomRequest(Random random, List<HostView> hosts) {
    List<String> replicas =
        hosts.stream().map(HostView::name).filter(_ -> random.nextInt(4) > 0).toList();
    return with(
        request(replicas.toArray(String[]::new)),
        random.nextInt(4) == 0 ? Optional.of("h" + random.nextInt(6)) : Optional.empty(),
        random.nextInt(4) == 0 ? Optional.of("process") : Optional.empty(),
        false,
        random.nextInt(4) == 0 ? OptionalInt.of(14999 + random.nextInt(12)) : OptionalInt.empty());
  }
}
