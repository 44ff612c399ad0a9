package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.fault.Fault;

/** An agent did not do what it was asked. */
public final class AgentException extends RuntimeException {
  /** What the caller does about it. */
  public enum Verdict {
    /**
     * The agent or the network was not there, or the id is in flight: the same call may work soon.
     */
    TRANSIENT,
    /** The agent looked at it and says no: the same call will fail again. */
    DEFINITE,
    /** The agent has seen a later leader: stop, unless the term is known to be held. */
    DEPOSED,
    /** The caller gave up itself. */
    CANCELLED
  }

  private final Verdict verdict;
  private final transient Fault fault;

  public AgentException(Verdict verdict, Fault fault, Throwable cause) {
    super(fault.code() + ": " + fault.message(), cause);
    this.verdict = verdict;
    this.fault = fault;
  }

  /** The same, in words that say more to whoever is told. */
  public AgentException as(Fault words) {
    return new AgentException(verdict, words, this);
  }

  public Verdict verdict() {
    return verdict;
  }

  public Fault fault() {
    return fault;
  }
}
