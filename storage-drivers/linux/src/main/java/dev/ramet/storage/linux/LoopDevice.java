package dev.ramet.storage.linux;

import java.nio.file.Path;

/**
 * A configured loop device, held open. It clears itself when it is closed here and mounted nowhere.
 *
 * @param name "loop7"
 * @param descriptor the device, open
 */
public record LoopDevice(String name, Descriptor descriptor) implements AutoCloseable {

  /** "/dev/loop7". */
  public Path path() {
    return LoopDevices.device(name);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
