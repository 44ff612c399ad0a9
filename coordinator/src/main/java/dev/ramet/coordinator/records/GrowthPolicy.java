package dev.ramet.coordinator.records;

import java.time.Duration;

/**
 * How much clones may grow where nobody says otherwise, and the most that anybody may ask for. Zero
 * means: no such default, no such limit.
 *
 * @param defaultBytes beyond what the clone was made from
 * @param maxBytes the most that may be asked for; also the default where there is no other
 * @param lookEvery how often hosts are asked how much their clones have grown
 */
public record GrowthPolicy(long defaultBytes, long maxBytes, Duration lookEvery) {
  public static final GrowthPolicy DEFAULT = new GrowthPolicy(0, 0, Duration.ofSeconds(2));

  /** What a clone gets whose creator asks for nothing; 0: it may grow as it likes. */
  public long limit() {
    return defaultBytes == 0 ? maxBytes : defaultBytes;
  }

  /** Whether a limit of so many bytes may be asked for; 0: none at all. */
  public boolean allows(long limitBytes) {
    return maxBytes == 0 || (limitBytes > 0 && limitBytes <= maxBytes);
  }
}
