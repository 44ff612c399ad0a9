package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Usage;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Extent;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.OpenFlags;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a raw file holds, read from its extent map. Cost: proportional to its extents. */
final class RawContent {

  private RawContent() {}

  static Usage usage(Kernel kernel, Path file) throws IOException {
    long[] ownAndShared = new long[2];
    try (Descriptor opened = Descriptor.open(kernel, file, OpenFlags.READ_ONLY)) {
      each(kernel, opened, extent -> ownAndShared[extent.shared() ? 1 : 0] += extent.length());
    }
    return new Usage(new ByteSize(ownAndShared[0]), new ByteSize(ownAndShared[1]));
  }

  /** Bytes of a file that the other one does not hold at the same places of the device. */
  static ByteSize beyond(Kernel kernel, Path file, Path origin) throws IOException {
    NavigableMap<Long, Long> held = new TreeMap<>();
    try (Descriptor opened = Descriptor.open(kernel, origin, OpenFlags.READ_ONLY)) {
      each(kernel, opened, extent -> held.put(extent.physical(), extent.length()));
    }
    long[] beyond = new long[1];
    try (Descriptor opened = Descriptor.open(kernel, file, OpenFlags.READ_ONLY)) {
      each(
          kernel,
          opened,
          extent -> {
            // What nobody shares is not the origin's: no need to look.
            long common = extent.shared() ? common(held, extent) : 0;
            beyond[0] += extent.length() - common;
          });
    }
    return new ByteSize(beyond[0]);
  }

  /** Bytes of an extent that lie in those of the map: begin to length, without overlaps. */
  private static long common(NavigableMap<Long, Long> held, Extent extent) {
    long begin = extent.physical();
    long end = begin + extent.length();
    Long first = held.floorKey(begin);
    long common = 0;
    for (Map.Entry<Long, Long> run :
        held.subMap(first == null ? begin : first, true, end, false).entrySet()) {
      long from = Math.max(begin, run.getKey());
      long to = Math.min(end, run.getKey() + run.getValue());
      common += Math.max(0, to - from);
    }
    return common;
  }

  /** Bytes that are not holes. */
  static ByteSize data(Kernel kernel, Descriptor file) throws IOException {
    long[] data = new long[1];
    each(kernel, file, extent -> data[0] += extent.unwritten() ? 0 : extent.length());
    return new ByteSize(data[0]);
  }

  /** Gives up where its thread is interrupted: whoever asked has left. */
  private static void each(Kernel kernel, Descriptor file, Consumer<Extent> visitor)
      throws IOException {
    long offset = 0;
    List<Extent> extents = kernel.extents(file.fd(), offset);
    while (!extents.isEmpty()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("given up: whoever asked has left");
      }
      extents.forEach(visitor);
      Extent last = extents.getLast();
      if (last.last()) {
        return;
      }
      offset = last.logical() + last.length();
      extents = kernel.extents(file.fd(), offset);
    }
  }
}
