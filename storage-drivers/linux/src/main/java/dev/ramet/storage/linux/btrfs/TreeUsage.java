package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Usage;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Extent;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.OpenFlags;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Adds up the extents of all files of a tree; file system metadata is not counted. Cost:
 * proportional to files and extents.
 */
final class TreeUsage {
  private final Kernel kernel;
  private long own;
  private long shared;

  TreeUsage(Kernel kernel) {
    this.kernel = kernel;
  }

  Usage of(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (Thread.currentThread().isInterrupted()) {
              throw new InterruptedIOException("given up: whoever asked has left");
            }
            if (attributes.isRegularFile()) {
              add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE; // a running database removes files meanwhile
          }
        });
    return new Usage(new ByteSize(own), new ByteSize(shared));
  }

  private void add(Path file) throws KernelException {
    try (Descriptor opened =
        Descriptor.open(kernel, file, OpenFlags.READ_ONLY | OpenFlags.NO_FOLLOW)) {
      long offset = 0;
      List<Extent> extents = kernel.extents(opened.fd(), offset);
      while (!extents.isEmpty()) {
        extents.forEach(this::add);
        Extent last = extents.getLast();
        if (last.last()) {
          return;
        }
        offset = last.logical() + last.length();
        extents = kernel.extents(opened.fd(), offset);
      }
    }
  }

  private void add(Extent extent) {
    if (extent.shared()) {
      shared += extent.length();
    } else {
      own += extent.length();
    }
  }
}
