package dev.ramet.storage.iscsi;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Makes and opens pools of LUNs: a directory, on any file system, that holds no data. */
public final class IscsiProvider implements CowDriverProvider {
  /** A restart of a target, or of the way to it, is over by then. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Kernel kernel;
  private final Programs programs;
  private final Duration patience;

  /** For {@link java.util.ServiceLoader}. */
  public IscsiProvider() {
    this(new JnaKernel(), new HostPrograms(), PATIENCE);
  }

  IscsiProvider(Kernel kernel, Programs programs, Duration patience) {
    this.kernel = kernel;
    this.programs = programs;
    this.patience = patience;
  }

  @Override
  public String name() {
    return "iscsi";
  }

  /** Any directory will do, also one that can be made. */
  @Override
  public boolean supports(Path directory) {
    for (Path at = directory.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        return Files.isDirectory(at);
      }
    }
    return false;
  }

  @Override
  public boolean exists(Path directory) {
    return new Layout(directory).exists();
  }

  @Override
  public CowDriver open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "pool %s is no directory: make it, or have it prepared".formatted(directory));
    }
    try {
      Layout layout = new Layout(directory.toRealPath());
      Files.createDirectories(layout.luns());
      Files.createDirectories(layout.mounts());
      LunTransport transport = new Transports(kernel, programs, HostPaths.HOST).choose(layout);
      return driver(layout, transport);
    } catch (IOException e) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "cannot open pool %s: %s".formatted(directory, e.getMessage()),
          e);
    }
  }

  IscsiDriver driver(Layout layout, LunTransport transport) {
    LunMounts mounts =
        new LunMounts(kernel, layout, new FileSystemProbe(programs), new PatientCalls(patience));
    return new IscsiDriver(transport, layout, new LunRecords(kernel, layout), mounts);
  }

  /** Makes the directory; the size does not matter. */
  @Override
  public void prepare(Path directory, ByteSize size) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "cannot make pool %s: %s".formatted(directory, e.getMessage()),
          e);
    }
  }

  @Override
  public void release(Path directory) {
    // nothing was mounted to make it a pool
  }
}
