package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.LoopPool;
import dev.ramet.storage.linux.Mkfs;
import dev.ramet.storage.linux.MkfsCommands;
import dev.ramet.storage.linux.Verbs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Finds, makes and opens pools of raw files that share blocks. */
public final class ReflinkProvider implements CowDriverProvider {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Kernel kernel;
  private final Mkfs mkfs;
  private final LoopPool loopPool;

  /** For {@link java.util.ServiceLoader}. */
  public ReflinkProvider() {
    this(new JnaKernel(), new MkfsCommands());
  }

  ReflinkProvider(Kernel kernel, Mkfs mkfs) {
    this.kernel = kernel;
    this.mkfs = mkfs;
    this.loopPool = new LoopPool(kernel, "xfs", mkfs::xfs);
  }

  @Override
  public String name() {
    return "reflink";
  }

  /** Tries it on two files that never get a name. */
  @Override
  public boolean supports(Path directory) {
    Path existing = directory.toAbsolutePath().normalize();
    while (!Files.isDirectory(existing)) {
      Path parent = existing.getParent();
      if (parent == null) {
        return false;
      }
      existing = parent;
    }
    try (Descriptor source = Descriptor.unnamed(kernel, existing, 0600);
        Descriptor target = Descriptor.unnamed(kernel, existing, 0600)) {
      kernel.cloneFile(target.fd(), source.fd());
      return true;
    } catch (KernelException e) {
      // a pool that is full or read-only is a pool all the same: what is in it must stay reachable
      return (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT) || e.is(Errno.EROFS))
          && new PoolLayout(existing).exists();
    }
  }

  @Override
  public boolean exists(Path directory) {
    return new PoolLayout(directory).exists() || Files.exists(LoopPool.image(directory));
  }

  @Override
  public CowDriver open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "pool %s is no directory: make it, or have it prepared".formatted(directory));
    }
    if (!supports(directory)) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "pool %s is on a file system without reflink: use XFS (reflink=1) or btrfs, or have a loop-mounted one prepared"
              .formatted(directory));
    }
    return Verbs.on(kernel, directory)
        .run("open pool " + directory, StorageError.POOL_UNHEALTHY, () -> layOut(directory));
  }

  private CowDriver layOut(Path directory) throws IOException {
    PoolLayout layout = new PoolLayout(directory.toRealPath());
    Files.createDirectories(layout.volumes());
    Files.createDirectories(layout.snapshots());
    Files.createDirectories(layout.mounts());
    return new ReflinkDriver(kernel, mkfs, layout, PATIENCE);
  }

  @Override
  public void prepare(Path directory, ByteSize size) {
    Verbs.on(kernel, directory)
        .execute(
            "prepare pool " + directory,
            StorageError.DEVICE,
            () -> {
              if (supports(directory) && !Files.exists(LoopPool.image(directory))) {
                Files.createDirectories(directory);
              } else {
                loopPool.mount(directory, size);
              }
            });
  }

  @Override
  public void release(Path directory) {
    Verbs.on(kernel, directory)
        .execute(
            "release pool " + directory, StorageError.DEVICE, () -> loopPool.release(directory));
  }
}
