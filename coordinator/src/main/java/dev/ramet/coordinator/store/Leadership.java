package dev.ramet.coordinator.store;

/** One term of one leader. A later term always has a greater fence. */
public interface Leadership {
  /** The key that exists for as long as the term lasts. */
  String electionKey();

  /** The revision at which the term began: goes with each call to an agent. */
  long fence();

  /** Which installation's records these are, for life: goes with each call to an agent. */
  String installation();

  /**
   * False at the latest when another could have been elected: decided by the own clock from the
   * last renewal of the lease, without asking etcd. Never turns true again.
   */
  boolean isHeld();

  /** What the write ids of {@link Txn#by this leader's} own writes begin with. */
  default String signature() {
    return "term-" + fence() + "/";
  }
}
