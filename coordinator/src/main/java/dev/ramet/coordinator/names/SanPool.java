package dev.ramet.coordinator.names;

import java.util.Optional;

/**
 * Where the volumes of a clone lie that an array made, as records have it in place of a host's
 * pool: "lab@san", an array and the pool by which a host attaches its volumes.
 *
 * @param array the array's name
 * @param pool the host's pool
 */
public record SanPool(String array, String pool) {
  private static final char AT = '@';

  /** Empty: the pool is on a disk of the host. */
  public static Optional<SanPool> parse(String text) {
    int at = text.indexOf(AT);
    return at < 0
        ? Optional.empty()
        : Optional.of(new SanPool(text.substring(0, at), text.substring(at + 1)));
  }

  /** What the host calls the pool, of whatever kind it is. */
  public static String onHost(String text) {
    return parse(text).map(SanPool::pool).orElse(text);
  }

  /** As records have it. */
  public String text() {
    return array + AT + pool;
  }
}
