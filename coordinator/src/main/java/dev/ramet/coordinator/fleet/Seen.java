package dev.ramet.coordinator.fleet;

import com.google.protobuf.Timestamp;
import dev.ramet.coordinator.fleet.InstanceSeen.Condition;
import dev.ramet.coordinator.fleet.InstanceSeen.TimedStep;
import dev.ramet.proto.agent.v1.ClientConnection;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an agent tells, as values. */
final class Seen {
  private Seen() {}

  /**
   * A connection with its times by our clock.
   *
   * @param behind how much the clock of its host is behind ours
   */
  static ConnectionSeen connection(ClientConnection seen, Duration behind) {
    return new ConnectionSeen(
        seen.getClient(),
        seen.getUser(),
        seen.getDatabase(),
        seen.getApplication(),
        instant(seen.getSince()).plus(behind),
        seen.hasLastQueryTime()
            ? Optional.of(instant(seen.getLastQueryTime()).plus(behind))
            : Optional.empty(),
        seen.getState());
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  static VolumeSeen volume(Volume volume) {
    return new VolumeSeen(volume.getPool(), volume.getId(), volume.getAttachment().getAttached());
  }

  static InstanceSeen instance(Instance instance) {
    Condition condition =
        switch (instance.getState()) {
          case RUNNING -> Condition.RUNNING;
          case STARTING -> Condition.STARTING;
          case FROZEN -> Condition.FROZEN;
          case DEAD, STATE_UNSPECIFIED, UNRECOGNIZED -> Condition.DEAD;
        };
    List<TimedStep> steps =
        instance.getStepsList().stream()
            .map(step ->
                new TimedStep(
                    step.getName(),
                    Duration.ofSeconds(
                        step.getElapsed().getSeconds(), step.getElapsed().getNanos())))
            .toList();
    return new InstanceSeen(instance.getId(), condition, instance.getProblem(), steps);
  }
}
