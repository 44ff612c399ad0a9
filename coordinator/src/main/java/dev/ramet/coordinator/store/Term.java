package dev.ramet.coordinator.store;

import java.time.Duration;

/** Our own term. Its end by the clock is moved on by each renewal of the lease. */
final class Term implements Leadership {
  private final String electionKey;
  private final long fence;
  private final String installation;
  private final long lease;
  private volatile long endsNanos;
  private volatile boolean over;

  Term(String electionKey, long fence, String installation, long lease, long endsNanos) {
    this.electionKey = electionKey;
    this.fence = fence;
    this.installation = installation;
    this.lease = lease;
    this.endsNanos = endsNanos;
  }

  /**
   * When a lease is no longer relied on: a fifth before its time, counted from before the request
   * that renewed it was sent.
   */
  static long endOf(long sentNanos, long ttlSeconds) {
    return sentNanos + Duration.ofSeconds(ttlSeconds).toNanos() * 4 / 5;
  }

  @Override
  public String electionKey() {
    return electionKey;
  }

  @Override
  public long fence() {
    return fence;
  }

  @Override
  public String installation() {
    return installation;
  }

  @Override
  public boolean isHeld() {
    return !over && endsNanos - System.nanoTime() > 0;
  }

  long lease() {
    return lease;
  }

  Duration left() {
    return Duration.ofNanos(Math.max(0, endsNanos - System.nanoTime()));
  }

  /** False where the term was over already: it does not begin again. */
  boolean prolong(long until) {
    if (!isHeld()) {
      return false;
    }
    endsNanos = until;
    return true;
  }

  void end() {
    over = true;
  }

  @Override
  public String toString() {
    return electionKey + "#" + fence;
  }
}
