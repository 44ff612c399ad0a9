package dev.ramet.coordinator.reconcile;

/** The term is over: whatever was under way stops where it is. */
final class Deposed extends RuntimeException {
  Deposed() {
    super("the term is over", null, false, false);
  }
}
