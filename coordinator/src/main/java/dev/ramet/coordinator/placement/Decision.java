package dev.ramet.coordinator.placement;

import java.util.List;

/**
 * What placement answers; the table holds every host, best first, then the refused ones by name.
 */
public sealed interface Decision {
  List<Candidate> table();

  /**
   * A place.
   *
   * @param runtime empty where none was needed
   * @param port 0 where none was needed
   */
  record Placed(String host, String pool, String runtime, int port, List<Candidate> table)
      implements Decision {}

  /** No place; each line of the table says why. */
  record Rejected(List<Candidate> table) implements Decision {}
}
