package dev.ramet.storage;

/** Why a storage verb failed, by who must act. */
public enum StorageError {
  /** The caller: an argument is malformed. */
  INVALID_ARGUMENT,
  /** The caller: a size or limit lies outside of what is possible. */
  OUT_OF_RANGE,
  /** The caller: no such volume or snapshot. */
  NOT_FOUND,
  /** The caller: the id is taken by something made with other arguments. */
  ALREADY_EXISTS,
  /** The caller: attached, or open by a process that the message names. */
  IN_USE,
  /** The caller: others, which the message names, were made from it. */
  HAS_DEPENDANTS,
  /** The caller: this driver cannot do that. */
  UNSUPPORTED,
  /** The operator: an array refuses our account, or what it may do. */
  ACCESS_DENIED,
  /** The operator: an array or its portal does not answer; it may have done what was asked. */
  UNREACHABLE,
  /** The operator: no room in the pool. */
  POOL_FULL,
  /** The operator: the pool is missing, read-only, damaged or of the wrong kind. */
  POOL_UNHEALTHY,
  /** The operator: the kernel refused a device or mount. */
  DEVICE,
  /** Us, or the disk: reading or writing failed. */
  IO
}
