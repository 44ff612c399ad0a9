package dev.ramet.coordinator.reconcile;

import java.time.Duration;

/** Told of what the reconciler does, for metrics. Must be fast and must not throw. */
public interface Telemetry {
  /** One look at one key is over; {@code outcome} is "settled", "again", "failed". */
  void reconciled(String kind, String outcome, Duration elapsed);

  /** One step of a clone is over. */
  void cloneStep(String step, Duration elapsed);

  /** A clone got READY for the first time. */
  void cloneReady(Duration total);

  /** A clone or build failed. */
  void failed(String kind, String code);

  /** Things without a record that a host holds now. */
  void orphans(String host, int count);

  /** Things in a host's pools that are neither a whole volume nor a whole snapshot. */
  void leftovers(String host, int count);

  /** Something without a record was removed. */
  void orphanRemoved(String host);

  /** Tells nobody. */
  Telemetry NONE =
      new Telemetry() {
        @Override
        public void reconciled(String kind, String outcome, Duration elapsed) {}

        @Override
        public void cloneStep(String step, Duration elapsed) {}

        @Override
        public void cloneReady(Duration total) {}

        @Override
        public void failed(String kind, String code) {}

        @Override
        public void orphans(String host, int count) {}

        @Override
        public void leftovers(String host, int count) {}

        @Override
        public void orphanRemoved(String host) {}
      };
}
