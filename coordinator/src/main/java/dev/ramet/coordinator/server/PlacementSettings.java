package dev.ramet.coordinator.server;

import dev.ramet.coordinator.api.VolumeSizing;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.placement.RoomFloor;
import dev.ramet.coordinator.placement.Weights;
import io.micronaut.context.annotation.ConfigurationProperties;

/** What placement goes by, and how large volumes are; see application.yml. */
@ConfigurationProperties("ramet.placement")
record PlacementSettings(
    long minFreeMib,
    double minFreePercent,
    double weightImage,
    double weightFreeSpace,
    double weightFreeMemory,
    double weightClones,
    double weightSpread,
    long volumeMinGib,
    int volumeFactor,
    long volumeMaxGib) {
  Placement placement() {
    return new Placement(
        new Weights(weightImage, weightFreeSpace, weightFreeMemory, weightClones, weightSpread),
        new RoomFloor(minFreeMib << 20, minFreePercent / 100));
  }

  VolumeSizing sizing() {
    return new VolumeSizing(volumeMinGib << 30, volumeFactor, volumeMaxGib << 30);
  }
}
