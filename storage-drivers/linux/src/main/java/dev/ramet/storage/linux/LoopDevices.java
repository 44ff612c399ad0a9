package dev.ramet.storage.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Loop devices with blocks of 4096 bytes, direct I/O and autoclear, so that a killed process leaves
 * none. What is configured is read from sysfs each time.
 */
public final class LoopDevices {
  /** Logical block size: direct I/O on the backing file system needs it. */
  public static final int BLOCK_SIZE = 4096;

  private static final Path CONTROL = Path.of("/dev/loop-control");
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");
  private static final String DELETED = " (deleted)";
  private static final int ATTEMPTS = 100;

  private final Kernel kernel;

  /** The number that is free stays free only until somebody takes it; keeps threads apart. */
  private final ReentrantLock taking = new ReentrantLock();

  public LoopDevices(Kernel kernel) {
    this.kernel = kernel;
  }

  static Path device(String name) {
    return Path.of("/dev").resolve(name);
  }

  /** Binds a free loop device to the whole of the open file. */
  public LoopDevice bind(Descriptor backing) throws KernelException {
    return bind(backing, LoopShape.WHOLE);
  }

  /**
   * Binds a free loop device to the open file. Other processes may take the free device in between:
   * tried again then.
   */
  public LoopDevice bind(Descriptor backing, LoopShape shape) throws KernelException {
    taking.lock();
    try (Descriptor control = Descriptor.open(kernel, CONTROL, OpenFlags.READ_WRITE)) {
      for (int attempt = 1; ; attempt++) {
        String name = "loop" + kernel.freeLoop(control.fd());
        Descriptor device = Descriptor.open(kernel, device(name), OpenFlags.READ_WRITE);
        try {
          kernel.configureLoop(device.fd(), backing.fd(), shape);
          return new LoopDevice(name, device);
        } catch (KernelException e) {
          device.close();
          if (!e.is(Errno.EBUSY) || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      taking.unlock();
    }
  }

  /** Opens a device that is configured already. */
  public LoopDevice open(String name) throws KernelException {
    return new LoopDevice(name, Descriptor.open(kernel, device(name), OpenFlags.READ_WRITE));
  }

  /** The file behind the device, also one whose name is gone; empty where it is not configured. */
  public Optional<Path> backingFile(String name) {
    try {
      String text =
          Files.readString(BLOCK_DEVICES.resolve(name).resolve("loop/backing_file")).strip();
      return Optional.of(
          Path.of(
              text.endsWith(DELETED) ? text.substring(0, text.length() - DELETED.length()) : text));
    } catch (IOException e) {
      // sysfs has the attribute, and lets it be read, only while the device is configured
      return Optional.empty();
    }
  }

  /** The device's number, "7:3". */
  public String number(String name) throws IOException {
    return Files.readString(BLOCK_DEVICES.resolve(name).resolve("dev")).strip();
  }

  /** All configured devices under this directory, by name. Cost: one look at each loop device. */
  public Map<String, Path> backedBelow(Path directory) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK_DEVICES, "loop*")) {
      for (Path device : devices) {
        String name = device.getFileName().toString();
        backingFile(name)
            .filter(file -> file.startsWith(directory))
            .ifPresent(file -> found.put(name, file));
      }
    }
    return found;
  }

  /** Waits until the device no longer holds the file; false where it still does at the end. */
  public boolean awaitReleased(String name, Path file, Duration atMost) {
    return Waits.until(() -> !backingFile(name).equals(Optional.of(file)), atMost);
  }
}
