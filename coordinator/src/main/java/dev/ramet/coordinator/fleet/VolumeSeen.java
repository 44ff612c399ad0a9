package dev.ramet.coordinator.fleet;

/** A volume on a host. */
public record VolumeSeen(String pool, String id, boolean attached) {
  public VolumeSeen detached() {
    return new VolumeSeen(pool, id, false);
  }

  public VolumeSeen whenAttached() {
    return new VolumeSeen(pool, id, true);
  }
}
