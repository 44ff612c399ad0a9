package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Resets;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ResetWish;
import java.time.Instant;
import java.util.Optional;

/** What a reset takes away, where it is to be kept as a clone of its own. */
final class KeptData {
  /** A neighbour of the clone's own port is asked for often. */
  private static final int PORT_STRIDE = 7919;

  private KeptData() {}

  /** It cannot be kept: the reset must not be finished. */
  static final class Impossible extends RuntimeException {
    private final transient Fault fault;

    private Impossible(Fault fault) {
      super(fault.message());
      this.fault = fault;
    }

    Fault fault() {
      return fault;
    }
  }

  /** Empty where nothing is to be kept. */
  static Optional<CloneRecord> of(View view, CloneRecord clone, Instant now) {
    ResetWish reset = clone.getWish().getReset();
    String name = reset.getKeepAs();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (view.get(Keys.clone(name)).isPresent()) {
      throw new Impossible(
          ErrorCode.CLONE_EXISTS.fault(
              "there is a clone %s by now: keep the data under another name".formatted(name)));
    }
    String host = clone.getAssignment().getHost();
    int port =
        HostViews.freePort(view, host, clone.getAssignment().getPort() * PORT_STRIDE)
            .orElseThrow(() ->
                new Impossible(
                    ErrorCode.PORTS_EXHAUSTED.fault(
                        "host %s has no free port for clone %s: delete a clone there"
                            .formatted(host, name))));
    return Optional.of(Resets.kept(clone, port, now));
  }

  /** Refused where it is not possible now. */
  static void require(View view, CloneRecord clone, Instant now) {
    var _ = of(view, clone, now);
  }
}
