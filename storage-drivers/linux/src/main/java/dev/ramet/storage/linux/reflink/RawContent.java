package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Usage;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Extent;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.OpenFlags;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** What a raw file holds, read from its extent map. Cost: proportional to its extents. */
final class RawContent {

  private RawContent() {}

  static Usage usage(Kernel kernel, Path file) throws KernelException {
    long[] ownAndShared = new long[2];
    try (Descriptor opened = Descriptor.open(kernel, file, OpenFlags.READ_ONLY)) {
      each(kernel, opened, extent -> ownAndShared[extent.shared() ? 1 : 0] += extent.length());
    }
    return new Usage(new ByteSize(ownAndShared[0]), new ByteSize(ownAndShared[1]));
  }

  /** Bytes that are not holes. */
  static ByteSize data(Kernel kernel, Descriptor file) throws KernelException {
    long[] data = new long[1];
    each(kernel, file, extent -> data[0] += extent.unwritten() ? 0 : extent.length());
    return new ByteSize(data[0]);
  }

  private static void each(Kernel kernel, Descriptor file, Consumer<Extent> visitor)
      throws KernelException {
    long offset = 0;
    List<Extent> extents = kernel.extents(file.fd(), offset);
    while (!extents.isEmpty()) {
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
