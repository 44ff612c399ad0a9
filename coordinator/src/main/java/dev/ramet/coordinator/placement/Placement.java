package dev.ramet.coordinator.placement;

import dev.ramet.coordinator.placement.HostView.PoolView;
import dev.ramet.coordinator.placement.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The rule book: filters, then weighted scores, then the name of the host where scores are equal.
 *
 * <p>Threads: immutable, any number.
 */
public final class Placement {
  /** A host that passed all filters; {@code place} is the pool as records have it. */
  private record Fit(HostView host, PoolView pool, String place, String runtime, int port) {}

  /** Either a fit or a refusal; exactly one is there. */
  private record Verdict(String host, Optional<Fit> fit, Optional<Refusal> refusal) {}

  private final Weights weights;
  private final HostFilter filter;

  public Placement(Weights weights, RoomFloor floor) {
    this.weights = weights;
    this.filter = new HostFilter(floor);
  }

  /** Chooses host, pool, runtime and port for a clone. */
  public Decision placeClone(CloneRequest request, Collection<HostView> hosts) {
    List<Verdict> verdicts = new ArrayList<>();
    for (HostView host : hosts) {
      verdicts.add(judge(host, request));
    }
    return decide(verdicts, Optional.of(request.image()));
  }

  /** Chooses host and pool for a build. */
  public Decision placeBuild(BuildRequest request, Collection<HostView> hosts) {
    List<Verdict> verdicts = new ArrayList<>();
    for (HostView host : hosts) {
      verdicts.add(judge(host, request));
    }
    return decide(verdicts, Optional.empty());
  }

  /** Every host that could hold a replica, best first, with its pool. */
  public Map<String, String> placesForReplica(BuildRequest request, Collection<HostView> hosts) {
    Map<String, String> places = new LinkedHashMap<>();
    hosts.stream()
        .map(host -> judge(host, request))
        .flatMap(verdict -> verdict.fit().stream())
        .sorted(
            Comparator.comparingDouble((Fit fit) -> -fit.pool().freeBytes())
                .thenComparing(fit -> fit.host().name()))
        .forEach(fit -> places.put(fit.host().name(), fit.pool().name()));
    return places;
  }

  /** A free port of the host, looked for from the seed on; empty: all are in use. */
  public static OptionalInt freePort(HostView host, int seed) {
    int port = HostFilter.port(host, OptionalInt.empty(), seed);
    return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
  }

  private Verdict judge(HostView host, CloneRequest request) {
    Optional<PoolView> pool =
        Optional.ofNullable(request.replicas().get(host.name())).flatMap(host::pool);
    Optional<String> runtime = HostFilter.runtime(host, request);
    int port = HostFilter.port(host, request.port(), request.portSeed());
    Optional<Refusal> refusal = filter.refuse(host, request, pool, runtime, port);
    if (refusal.isPresent()) {
      return new Verdict(host.name(), Optional.empty(), refusal);
    }
    Fit fit =
        new Fit(
            host,
            pool.orElseThrow(),
            request.replicas().getOrDefault(host.name(), ""),
            runtime.orElseThrow(),
            port);
    return new Verdict(host.name(), Optional.of(fit), Optional.empty());
  }

  private Verdict judge(HostView host, BuildRequest request) {
    Optional<PoolView> pool = HostFilter.roomiestPool(host, request.driver());
    Optional<Refusal> refusal = filter.refuse(host, request, pool);
    if (refusal.isPresent()) {
      return new Verdict(host.name(), Optional.empty(), refusal);
    }
    String runtime = HostFilter.runtime(host, request).orElse("");
    Fit fit = new Fit(host, pool.orElseThrow(), pool.orElseThrow().name(), runtime, 0);
    return new Verdict(host.name(), Optional.of(fit), Optional.empty());
  }

  private Decision decide(List<Verdict> verdicts, Optional<String> image) {
    List<Candidate> fits = new ArrayList<>();
    List<Candidate> refused = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      verdict.fit().ifPresent(fit -> fits.add(score(fit, image)));
      verdict
          .refusal()
          .ifPresent(why ->
              refused.add(new Candidate(verdict.host(), false, 0, Map.of(), Optional.of(why))));
    }
    fits.sort(
        Comparator.comparingDouble((Candidate c) -> -c.score()).thenComparing(Candidate::host));
    refused.sort(Comparator.comparing(Candidate::host));
    List<Candidate> table = new ArrayList<>();
    for (Candidate fit : fits) {
      table.add(
          new Candidate(fit.host(), table.isEmpty(), fit.score(), fit.scores(), Optional.empty()));
    }
    table.addAll(refused);
    if (fits.isEmpty()) {
      return new Decision.Rejected(List.copyOf(table));
    }
    Fit chosen =
        verdicts.stream()
            .flatMap(verdict -> verdict.fit().stream())
            .filter(fit -> fit.host().name().equals(fits.getFirst().host()))
            .findFirst()
            .orElseThrow();
    return new Decision.Placed(
        chosen.host().name(), chosen.place(), chosen.runtime(), chosen.port(), List.copyOf(table));
  }

  private Candidate score(Fit fit, Optional<String> image) {
    HostView host = fit.host();
    int ofImage = image.map(name -> host.clonesByImage().getOrDefault(name, 0)).orElse(0);
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("image", image.isPresent() ? 1.0 : 0.0);
    scores.put("free-space", fit.pool().freeFraction());
    scores.put("free-memory", host.freeMemoryFraction());
    scores.put("clones", 1.0 / (1 + host.clones()));
    scores.put("spread", 1.0 / (1 + ofImage));
    double sum =
        weights.image() * scores.get("image")
            + weights.freeSpace() * scores.get("free-space")
            + weights.freeMemory() * scores.get("free-memory")
            + weights.clones() * scores.get("clones")
            + weights.spread() * scores.get("spread");
    return new Candidate(host.name(), false, sum, scores, Optional.empty());
  }

  /**
   * The reason that all hosts that matter share; empty where they differ or where there is no host.
   */
  public static Optional<Reason> commonReason(Decision.Rejected rejected) {
    List<Reason> reasons =
        rejected.table().stream()
            .flatMap(candidate -> candidate.refusal().stream())
            .map(Refusal::reason)
            .filter(reason -> reason != Reason.NOT_ASKED_FOR)
            .distinct()
            .toList();
    return reasons.size() == 1 ? Optional.of(reasons.getFirst()) : Optional.empty();
  }
}
