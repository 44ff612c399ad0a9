package dev.ramet.storage;

import java.nio.file.Path;

/** Where an attached volume's content is. */
public sealed interface Attachment {

  /** The directory that holds the content, ready for use. */
  Path path();

  /**
   * A block device with its file system mounted.
   *
   * @param path mount point
   * @param device block device, "/dev/loop7"
   */
  record BlockDevice(Path path, Path device) implements Attachment {}

  /**
   * A directory of the pool's own file system.
   *
   * @param path the directory
   */
  record Directory(Path path) implements Attachment {}
}
