package dev.ramet.coordinator.placement;

/**
 * How much each criterion counts. Few clones count most, so that clones spread before space runs
 * uneven.
 */
public record Weights(
    double image, double freeSpace, double freeMemory, double clones, double spread) {
  public static final Weights DEFAULT = new Weights(1, 2, 2, 4, 1);
}
