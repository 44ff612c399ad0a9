package dev.ramet.coordinator.fault;

/** What a caller can do about a fault. */
public enum FaultKind {
  /** The request is wrong in itself: change it. */
  INVALID,
  /** A thing that the request names does not exist. */
  NOT_FOUND,
  /** The name is in use by something else. */
  EXISTS,
  /** The state of things forbids it: change that first. */
  PRECONDITION,
  /** Somebody else changed it meanwhile, or it is in flight: try again. */
  CONFLICT,
  /** Space, ports or the like are used up. */
  EXHAUSTED,
  /** A part that is needed does not answer: try again later. */
  UNAVAILABLE,
  /** It took longer than it may. */
  TIMEOUT,
  /** The part that was asked cannot do this. */
  UNIMPLEMENTED,
  /** A mistake in Ramet itself. */
  INTERNAL
}
