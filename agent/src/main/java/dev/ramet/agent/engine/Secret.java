package dev.ramet.agent.engine;

/** Something that must not be shown: a password. */
public record Secret(String value) {
  /** No secret at all. */
  public static final Secret NONE = new Secret("");

  /** Whether there is one. */
  public boolean isPresent() {
    return !value.isEmpty();
  }

  @Override
  public String toString() {
    return "***";
  }
}
