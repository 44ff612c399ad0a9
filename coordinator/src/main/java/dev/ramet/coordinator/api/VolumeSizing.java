package dev.ramet.coordinator.api;

/**
 * How large an image's volume is made. It is sparse, so size costs next to nothing; it bounds what
 * a clone can ever hold.
 *
 * @param smallest bytes
 * @param factor times the size of the data
 * @param largest bytes; data beyond it still get a volume that holds them
 */
public record VolumeSizing(long smallest, int factor, long largest) {
  private static final long GIB = 1L << 30;
  public static final VolumeSizing DEFAULT = new VolumeSizing(16 * GIB, 4, 16L * 1024 * GIB);

  long sizeFor(long dataBytes) {
    long generous = Math.max(smallest, Math.multiplyExact(dataBytes, (long) factor));
    long bounded = Math.min(generous, largest);
    long enough = Math.max(bounded, dataBytes + dataBytes / 4);
    return (enough + GIB - 1) / GIB * GIB;
  }
}
