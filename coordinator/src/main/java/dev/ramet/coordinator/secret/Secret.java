package dev.ramet.coordinator.secret;

/** Text that does not print itself. */
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "***";
  }
}
