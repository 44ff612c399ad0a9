package dev.ramet.client;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Why a clone is on its host: the score table of the decision. */
public record Placement(List<Candidate> candidates) {
  public Placement {
    candidates = List.copyOf(candidates);
  }

  /**
   * One host that was looked at.
   *
   * @param score weighted sum; 0 where the host was rejected
   * @param scores by criterion, in the order of their names
   * @param rejection why not; empty where the host was possible
   */
  public record Candidate(
      String host, boolean chosen, double score, Map<String, Double> scores, String rejection) {
    public Candidate {
      scores = Collections.unmodifiableMap(new TreeMap<>(scores));
    }
  }
}
