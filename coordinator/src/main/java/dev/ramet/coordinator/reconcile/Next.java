package dev.ramet.coordinator.reconcile;

import java.time.Duration;

/** When a key wants to be looked at again. */
sealed interface Next {
  /** When it changes, or with everything else. */
  record Whenever() implements Next {}

  /** Not later than after this time. */
  record After(Duration delay) implements Next {}

  static Next whenever() {
    return new Whenever();
  }

  static Next after(Duration delay) {
    return new After(delay);
  }

  static Next atOnce() {
    return new After(Duration.ZERO);
  }
}
