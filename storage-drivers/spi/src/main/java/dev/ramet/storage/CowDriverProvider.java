package dev.ramet.storage;

import java.nio.file.Path;

/** Finds drivers by name: {@link java.util.ServiceLoader} loads these. */
public interface CowDriverProvider {

  /** The driver's name, as users configure and see it: "reflink". */
  String name();

  /**
   * Whether the file system at the directory could be a pool of this driver as it is. Changes
   * nothing.
   */
  boolean supports(Path directory);

  /**
   * Whether there is a pool of this driver at the directory: in it, or in the file beside it that
   * {@link #prepare} mounts. Changes nothing.
   */
  boolean exists(Path directory);

  /**
   * Opens the pool in the directory, making its layout where it is missing. A second call finds
   * what the first one made.
   *
   * @throws StorageException {@code POOL_UNHEALTHY} saying what is wrong and what to do
   */
  CowDriver open(Path directory);

  /**
   * Makes the directory fit to be a pool of this driver. Where its file system can be one as it is,
   * only the directory is made. Where not, a sparse file beside it ({@code <directory>.img}) is
   * formatted and mounted there. A second call, also after a restart of the machine, mounts what is
   * there and keeps its content and its size. Cut short at any point, it leaves nothing, or what a
   * second call completes. Cost: formatting; may start a process.
   *
   * @param size size of the file system, where one has to be made
   * @throws StorageException {@code POOL_UNHEALTHY} saying what is missing and how to get it,
   *     {@code INVALID_ARGUMENT} (size too small), {@code DEVICE}
   */
  void prepare(Path directory, ByteSize size);

  /**
   * Ends what {@link #prepare} mounted; its content stays in the file beside the directory, to be
   * prepared again or removed. Not mounted, or never prepared: nothing happens.
   *
   * @throws StorageException {@code IN_USE} naming the processes or mounts that still use it
   */
  void release(Path directory);
}
