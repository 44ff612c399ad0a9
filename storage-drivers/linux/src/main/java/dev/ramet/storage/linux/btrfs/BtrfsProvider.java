package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.FileSystemStatus;
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

/** Finds, makes and opens pools of btrfs subvolumes. */
public final class BtrfsProvider implements CowDriverProvider {
  private static final String VOLUMES = "volumes";

  private final Kernel kernel;
  private final LoopPool loopPool;

  /** For {@link java.util.ServiceLoader}. */
  public BtrfsProvider() {
    this(new JnaKernel(), new MkfsCommands());
  }

  BtrfsProvider(Kernel kernel, Mkfs mkfs) {
    this.kernel = kernel;
    this.loopPool = new LoopPool(kernel, "btrfs", mkfs::btrfs);
  }

  @Override
  public String name() {
    return "btrfs";
  }

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
    try {
      return kernel.fileSystem(existing).type() == FileSystemStatus.BTRFS;
    } catch (KernelException e) {
      return false;
    }
  }

  @Override
  public boolean exists(Path directory) {
    return Files.isDirectory(directory.resolve(VOLUMES)) || Files.exists(LoopPool.image(directory));
  }

  @Override
  public CowDriver open(Path directory) {
    if (!Files.isDirectory(directory) || !supports(directory)) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "pool %s is no directory of a btrfs: make one, or have a loop-mounted one prepared"
              .formatted(directory));
    }
    return Verbs.on(kernel, directory)
        .run("open pool " + directory, StorageError.POOL_UNHEALTHY, () -> layOut(directory));
  }

  private CowDriver layOut(Path directory) throws IOException {
    Path root = directory.toRealPath();
    Files.createDirectories(root.resolve(VOLUMES));
    Files.createDirectories(root.resolve("snapshots"));
    Files.createDirectories(root.resolve("mnt"));
    return new BtrfsDriver(kernel, root);
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
