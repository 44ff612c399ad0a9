package dev.ramet.agent.engine;

/**
 * Where data comes from: a server's URL, with its password in it, or an absolute path on this host.
 * Never shown whole.
 */
public record Source(String location) {
  @Override
  public String toString() {
    return "***";
  }
}
