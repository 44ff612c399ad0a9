package dev.ramet.coordinator.store;

import java.util.Optional;

/**
 * Takes part in the election of the one leader, for as long as it is open. Whoever lost a term
 * campaigns again.
 */
public interface Election extends AutoCloseable {
  /** The own term, while it is held. */
  Optional<Leadership> leadership();

  /** The id that the leader campaigned with, as last seen; empty: none, or not known. */
  Optional<String> leader();

  /** Steps down if leading, tells the listener, and campaigns no more. Bounded in time. */
  @Override
  void close();

  /** Called one at a time and in order, on a thread of the election's own. */
  interface Listener {
    void elected(Leadership leadership);

    /** {@link Leadership#isHeld} is already false. */
    void lost(Leadership leadership);
  }
}
