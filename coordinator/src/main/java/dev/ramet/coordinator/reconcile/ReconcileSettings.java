package dev.ramet.coordinator.reconcile;

import java.time.Duration;

/**
 * How the reconciler goes about its work.
 *
 * @param resync everything is looked at again this often
 * @param hostPatience how long a create or build waits for a host that is not alive
 * @param createPatience how long a create or build goes on through errors that may pass
 * @param provisioningAfter a create that takes longer than this is shown as PROVISIONING; a shorter
 *     one saves the write
 * @param recoveryAttempts how often a clone that was READY is started again before it is shown as
 *     FAILED; that goes on all the same
 * @param recoveryPause before the second of those attempts; doubles with each
 * @param clonesPerHost clones worked on at the same time on one host
 * @param buildsPerHost builds and copies at the same time on one host
 * @param sweepInterval how often a host is asked for everything that it holds
 * @param orphanGrace how long something without a record is left alone
 * @param replicaRetry shortest pause before a failed copy is tried again
 * @param operationRetention how long operations that are over are kept
 * @param warnBefore how long before its end a clone's user is told
 */
public record ReconcileSettings(
    Duration resync,
    Duration hostPatience,
    Duration createPatience,
    Duration provisioningAfter,
    int recoveryAttempts,
    Duration recoveryPause,
    int clonesPerHost,
    int buildsPerHost,
    Duration sweepInterval,
    Duration orphanGrace,
    Duration replicaRetry,
    Duration operationRetention,
    Duration warnBefore) {
  public static final ReconcileSettings DEFAULT =
      new ReconcileSettings(
          Duration.ofSeconds(15),
          Duration.ofSeconds(20),
          Duration.ofSeconds(45),
          Duration.ofMillis(250),
          5,
          Duration.ofSeconds(1),
          8,
          2,
          Duration.ofSeconds(60),
          Duration.ofMinutes(10),
          Duration.ofSeconds(60),
          Duration.ofDays(7),
          Duration.ofMinutes(15));
}
