package dev.ramet.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.PortRecord;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What the tests of this package share. */
final class StoreTests {
  private StoreTests() {}

  /** With short times, so that faults are seen soon. */
  static StoreSettings hasty(List<URI> endpoints) {
    return new StoreSettings(
        endpoints,
        Duration.ofMillis(800),
        Duration.ofSeconds(4),
        Duration.ofSeconds(1),
        Duration.ofMinutes(5),
        Duration.ofSeconds(2));
  }

  static CloneRecord cloneOf(String uid) {
    return CloneRecord.newBuilder().setMeta(Meta.newBuilder().setName("a").setUid(uid)).build();
  }

  static PortRecord portOf(String uid) {
    return PortRecord.newBuilder().setUid(uid).build();
  }

  /** Waits for something to become true; returns how long it took. */
  static Duration eventually(String what, Duration within, BooleanSupplier reached) {
    long start = System.nanoTime();
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime() - start).as(what).isLessThan(within.toNanos());
      pause(Duration.ofMillis(2));
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
