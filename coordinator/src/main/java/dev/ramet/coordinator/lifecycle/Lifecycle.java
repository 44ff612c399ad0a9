package dev.ramet.coordinator.lifecycle;

import java.util.List;
import java.util.Optional;

/**
 * A table of transitions and how to look something up in it. What is not in the table does not
 * happen.
 */
public final class Lifecycle<S extends Enum<S>, E extends Enum<E>> {
  private final List<Transition<S, E>> rows;

  Lifecycle(List<Transition<S, E>> rows) {
    this.rows = List.copyOf(rows);
  }

  public List<Transition<S, E>> rows() {
    return rows;
  }

  /** The row for this state and event; empty: the event means nothing in this state. */
  public Optional<Transition<S, E>> on(S from, E event) {
    return rows.stream().filter(row -> row.from() == from && row.event() == event).findFirst();
  }

  /** As {@link #on}, for an event that the caller knows to be possible. */
  public Transition<S, E> require(S from, E event) {
    return on(from, event)
        .orElseThrow(
            () -> new IllegalStateException("%s has no transition on %s".formatted(from, event)));
  }

  static <S extends Enum<S>, E extends Enum<E>> Transition<S, E> row(
      S from, E event, S to, Effect... effects) {
    return new Transition<>(from, event, to, List.of(effects));
  }
}
