package dev.ramet.coordinator.placement;

import java.util.Map;
import java.util.Optional;

/**
 * One line of the score table.
 *
 * @param score weighted sum; 0 where the host was refused
 * @param scores each criterion's own score, 0 to 1
 */
public record Candidate(
    String host,
    boolean chosen,
    double score,
    Map<String, Double> scores,
    Optional<Refusal> refusal) {}
