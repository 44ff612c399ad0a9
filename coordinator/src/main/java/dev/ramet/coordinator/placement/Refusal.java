package dev.ramet.coordinator.placement;

/** Why a host is not possible. {@code reason} is for programs, {@code words} for the user. */
public record Refusal(Reason reason, String words) {
  /** In the order in which they are looked at: what comes later is nearer to being possible. */
  public enum Reason {
    NOT_ASKED_FOR,
    NOT_ALIVE,
    CORDONED,
    NO_REPLICA,
    NO_POOL,
    POOL_UNHEALTHY,
    RUNTIME_MISSING,
    ENGINE_MISSING,
    TOO_FEW_CPUS,
    GROWTH_UNSUPPORTED,
    NO_ROOM,
    PORT_TAKEN,
    PORTS_EXHAUSTED
  }
}
