package dev.ramet.client;

import java.time.Duration;

/**
 * How long a clone is to live. Zero stands for "not said": the server's default holds then.
 *
 * @param ttl from its creation on
 * @param idleTtl since it was last used
 * @param protect protected for so long from its creation on
 */
public record Lifetime(Duration ttl, Duration idleTtl, Duration protect) {
  /** Nothing is said. */
  public static final Lifetime DEFAULT = new Lifetime(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
