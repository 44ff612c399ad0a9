package dev.ramet.coordinator.reconcile;

import static dev.ramet.coordinator.reconcile.CloneActions.refusedWith;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.ClientConnection;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.StopCloneRequest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clock of a database's host is minutes off: who uses a clone is known all the same. */
class HostClockIT extends AppOnOneHost {
  private static final Duration IDLE = Duration.ofSeconds(2);

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  /**
   * Somebody who stays connected ran something just now; the server counts that when they leave.
   */
  private static Activity usedNow(Duration skew) {
    Instant now = Instant.now().plus(skew);
    return Activity.newBuilder()
        .setUse(7)
        .setTime(timestamp(now))
        .addConnections(
            ClientConnection.newBuilder()
                .setUser("ramet")
                .setState("idle")
                .setSince(timestamp(now.minusSeconds(60)))
                .setLastQueryTime(timestamp(now.minusMillis(10))))
        .build();
  }

  @ParameterizedTest
  @ValueSource(longs = {-10, 10})
  void aCloneInUseIsNeitherStoppedNorTakenForIdle(long minutes) throws InterruptedException {
    Duration skew = Duration.ofMinutes(minutes);
    Clone clone =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName("c")
                    .setSpec(CloneSpec.newBuilder().setImage("app"))
                    .setLifetime(
                        Lifetime.newBuilder()
                            .setIdleTtl(
                                com.google.protobuf.Duration.newBuilder()
                                    .setSeconds(IDLE.toSeconds())))
                    .build());
    lab.awaitState("c", Clone.State.READY);
    String id = "c." + clone.getUid();
    host.setActivity(id, usedNow(skew));
    refusedWith(
        () -> lab.clones().stopClone(StopCloneRequest.newBuilder().setName("c").build()),
        "CLONE_IN_USE");
    Instant end = Instant.now().plus(IDLE.multipliedBy(2));
    while (Instant.now().isBefore(end)) {
      host.setActivity(id, usedNow(skew));
      assertThat(lab.find("c").map(Clone::getState)).contains(Clone.State.READY);
      Thread.sleep(50);
    }
    host.setActivity(id, Activity.newBuilder().setUse(7).build());
    lab.awaitGone("c"); // its last use gets old
  }
}
