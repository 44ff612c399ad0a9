package dev.ramet.coordinator.server;

import dev.ramet.coordinator.reconcile.ReconcileSettings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/** How the reconciler goes about its work; see application.yml. */
@ConfigurationProperties("ramet.reconcile")
record ReconcilerSettings(
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
  ReconcileSettings reconcile() {
    return new ReconcileSettings(
        resync,
        hostPatience,
        createPatience,
        provisioningAfter,
        recoveryAttempts,
        recoveryPause,
        clonesPerHost,
        buildsPerHost,
        sweepInterval,
        orphanGrace,
        replicaRetry,
        operationRetention,
        warnBefore);
  }
}
