package dev.ramet.coordinator.api;

import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.HostView;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.HostViews.Reservation;
import dev.ramet.coordinator.store.View;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Decisions of this coordinator whose records are not in the view yet, so that many creates at once
 * see each other. Those of other coordinators are caught by the port's key.
 */
final class Reservations {
  private final Map<Long, Reservation> held = new HashMap<>();
  private long next;

  /** A decision, and what to give back; 0 where nothing was reserved. */
  record Reserved(Decision decision, long ticket) {}

  synchronized Reserved decide(
      View view, String clone, String image, Function<List<HostView>, Decision> placement) {
    Decision decision = placement.apply(HostViews.of(view, held.values()));
    if (!(decision instanceof Decision.Placed placed)) {
      return new Reserved(decision, 0);
    }
    long ticket = ++next;
    held.put(ticket, new Reservation(clone, placed.host(), placed.port(), image));
    return new Reserved(decision, ticket);
  }

  synchronized void release(long ticket) {
    held.remove(ticket);
  }
}
