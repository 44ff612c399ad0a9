package dev.ramet.coordinator.reconcile;

import java.util.EnumSet;
import java.util.Set;

/**
 * What this attempt has done so far. An attempt confirms each thing once even where it looks done
 * already: whoever did it before may have been cut off in the middle.
 *
 * @param again an earlier attempt failed: what it left may be the reason
 */
record CloneProgress(boolean again, Set<Part> done) {
  /** What is done once. */
  enum Part {
    ATTACHED,
    STARTED,
    STOPPED,
    DETACHED,
    DELETED
  }

  CloneProgress {
    done = Set.copyOf(done);
  }

  static CloneProgress begin(boolean again) {
    return new CloneProgress(again, Set.of());
  }

  boolean has(Part part) {
    return done.contains(part);
  }

  CloneProgress with(Part part) {
    EnumSet<Part> more = EnumSet.of(part);
    more.addAll(done);
    return new CloneProgress(again, more);
  }
}
