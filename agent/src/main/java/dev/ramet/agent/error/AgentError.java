package dev.ramet.agent.error;

/** Why the agent could not do it, by who must act. The names are the reasons that callers see. */
public enum AgentError {
  // The caller of the agent.

  /** An argument is malformed; the message names it. */
  INVALID_ARGUMENT,
  /** A size or limit lies outside of what is possible. */
  OUT_OF_RANGE,
  /** No such thing on this host. */
  NOT_FOUND,
  /** The id is taken by something made with other arguments. */
  ALREADY_EXISTS,
  /** Attached, or open by a process that the message names. */
  IN_USE,
  /** Others, which the message names, were made from it. */
  HAS_DEPENDANTS,
  /** This driver, engine or runtime cannot do that. */
  UNSUPPORTED,
  /** Another call works on the same id now: repeat later. */
  IN_FLIGHT,
  /** The call comes from a coordinator that no longer leads. */
  STALE_FENCE,
  /** The call comes from an installation that this host does not belong to. */
  OTHER_INSTALLATION,
  /** The work was ended by a cancel. */
  CANCELLED,

  // The user, about what was asked for.

  /** No engine of this name. */
  ENGINE_UNKNOWN,
  /** The server refuses an engine option, or its name is no setting's name. */
  ENGINE_OPTION_INVALID,
  /** Nothing answers at the source's address. */
  SOURCE_UNREACHABLE,
  /** The source refuses the user or the password. */
  SOURCE_AUTH_FAILED,
  /** The source lets the user in, but not make a base backup. */
  SOURCE_NOT_PERMITTED,
  /** No such file, no such database, or no whole data directory in the volume. */
  SOURCE_NOT_FOUND,
  /** The file is no dump that this engine can read. */
  SOURCE_NOT_A_DUMP,
  /** No version on this host can run the source's data. */
  SOURCE_VERSION_UNSUPPORTED,
  /** The source could be read, but the copy or the restore failed; the log tail tells where. */
  LOAD_FAILED,

  // The operator of the host.

  /** No room in the pool. */
  POOL_FULL,
  /** The pool is missing, read-only, damaged or of the wrong kind. */
  POOL_UNHEALTHY,
  /** An array refuses our account, or what it may do. */
  ACCESS_DENIED,
  /** An array or its portal does not answer; it may have done what was asked. */
  UNREACHABLE,
  /** The kernel refused a device or mount. */
  DEVICE,
  /** Something else listens on the instance's port. */
  PORT_TAKEN,
  /** The runtime does not answer or does not exist on this host. */
  RUNTIME_UNAVAILABLE,
  /** The programs of this engine version are not on this host and cannot be got. */
  ENGINE_IMAGE_MISSING,
  /** The instance ended while it started; its last log lines are in the log tail. */
  INSTANCE_DIED,
  /** The instance runs, but answered no query in time. */
  INSTANCE_NOT_READY,
  /** The instance is held still, and answers nobody until it is thawed. */
  INSTANCE_FROZEN,
  /** Another agent does not answer. */
  PEER_UNREACHABLE,

  // Us.

  /** Reading or writing failed. */
  IO,
  /** A fault of the agent. */
  INTERNAL
}
