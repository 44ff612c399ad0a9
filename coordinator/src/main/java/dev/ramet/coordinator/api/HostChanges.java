package dev.ramet.coordinator.api;

import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Kind;

/** Tells whether a change is one of a host's being there. */
final class HostChanges {
  private HostChanges() {}

  static boolean cameOrWent(Change<?> change) {
    return change.key().kind() == Kind.HOST_ALIVE
        && (change.before() == null) != (change.after() == null);
  }
}
