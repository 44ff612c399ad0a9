package dev.ramet.coordinator.fleet;

import java.util.Optional;

/** What a host holds under one id, looked up on the host itself. */
public record Observation(
    Optional<VolumeSeen> volume, Optional<InstanceSeen> instance, boolean snapshot) {
  public static final Observation NOTHING =
      new Observation(Optional.empty(), Optional.empty(), false);

  public boolean volumeAttached() {
    return volume.map(VolumeSeen::attached).orElse(false);
  }

  public Observation withVolume(VolumeSeen seen) {
    return new Observation(Optional.of(seen), instance, snapshot);
  }

  public Observation withInstance(InstanceSeen seen) {
    return new Observation(volume, Optional.of(seen), snapshot);
  }

  /** Its instance is found to be so. */
  public Observation with(InstanceSeen.Condition condition) {
    return new Observation(
        volume,
        instance.map(seen -> new InstanceSeen(seen.id(), condition, "", seen.steps())),
        snapshot);
  }

  public Observation withoutInstance() {
    return new Observation(volume, Optional.empty(), snapshot);
  }

  public Observation withoutVolume() {
    return new Observation(Optional.empty(), instance, snapshot);
  }

  public Observation withSnapshot() {
    return new Observation(volume, instance, true);
  }
}
