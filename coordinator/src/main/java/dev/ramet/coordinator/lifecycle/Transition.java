package dev.ramet.coordinator.lifecycle;

import java.util.List;

/** One row of a lifecycle table. */
public record Transition<S extends Enum<S>, E extends Enum<E>>(
    S from, E event, S to, List<Effect> effects) {}
