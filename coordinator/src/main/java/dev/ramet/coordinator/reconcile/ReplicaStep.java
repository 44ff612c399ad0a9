package dev.ramet.coordinator.reconcile;

/** The next thing to do for one replica of a revision. */
sealed interface ReplicaStep {
  String host();

  /** Record the intent to have a replica there. */
  record Intend(String host, String pool) implements ReplicaStep {}

  /** Copy the snapshot from another host. */
  record Pull(String host, String pool, String fromHost, String fromPool) implements ReplicaStep {}

  /** Record that the copy cannot be made now. */
  record GiveUp(String host, String pool, String why) implements ReplicaStep {}
}
