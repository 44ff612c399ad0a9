package dev.ramet.client;

/** What sort of failure it was, by what the caller can do about it. */
public enum ErrorKind {
  /** The request itself is wrong. */
  INVALID,
  NOT_FOUND,
  /** Something of that name is there and differs, or somebody else works on it at this moment. */
  CONFLICT,
  /** The state of things forbids it: it has dependants, no host has room, the pool is full. */
  PRECONDITION,
  /** The coordinator, its store or an agent cannot be reached now. */
  UNAVAILABLE,
  TIMEOUT,
  /** The server took the work on and it failed there. */
  WORK_FAILED,
  UNSUPPORTED,
  DENIED,
  CANCELLED,
  /** A fault of Ramet. */
  INTERNAL
}
