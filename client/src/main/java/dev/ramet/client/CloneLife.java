package dev.ramet.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long a clone lives, and what became of it on the way.
 *
 * @param reconciling what was asked for is not reached yet: it is being stopped, started, reset
 * @param origin what its data began as: {@code app:7}, {@code fix-123@before}
 * @param expireTime it is deleted then; null: never
 * @param idleTtl it is deleted when it was not used for so long; zero: no matter
 * @param lastUsedTime as far as known, where {@code idleTtl} is set; else null
 * @param protectedUntil null: it is not protected, and was not
 * @param warnings what somebody should know before it happens, newest last
 * @param lastReset null: it was never reset
 * @param growth null: it may grow as it likes
 */
public record CloneLife(
    boolean reconciling,
    String origin,
    @Nullable Instant expireTime,
    Duration idleTtl,
    @Nullable Instant lastUsedTime,
    @Nullable Instant protectedUntil,
    List<Warning> warnings,
    @Nullable Reset lastReset,
    @Nullable Growth growth) {

  public CloneLife {
    warnings = List.copyOf(warnings);
  }

  /** Something that will happen to a clone; {@code code} is {@code EXPIRES_SOON} and the like. */
  public record Warning(String code, String message, @Nullable Instant time) {}

  /**
   * How much a clone has grown beyond what its data began as.
   *
   * @param limitBytes the most: it is frozen then
   * @param bytes not less than it holds, and exact near the limit
   * @param readTime null: not read yet
   */
  public record Growth(long limitBytes, long bytes, @Nullable Instant readTime) {}

  /**
   * How the last reset or restore went.
   *
   * @param to {@code app:7}, {@code fix-123@before}
   * @param endTime null while it goes on
   * @param failure why it left the clone as it was; null where it succeeded
   * @param timings its steps, in order
   */
  public record Reset(
      String to,
      @Nullable Instant requestTime,
      @Nullable Instant endTime,
      @Nullable Failure failure,
      List<Step> timings) {
    public Reset {
      timings = List.copyOf(timings);
    }
  }
}
