package dev.ramet.storage.linux;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Runs a driver's verbs on one pool and turns what fails into the contract's errors. */
public final class Verbs {
  /** Less than this is a full pool: what a clone writes when it is mounted must fit. */
  public static final ByteSize LEAST_ROOM = ByteSize.ofMebi(8);

  private static final Duration FREEING = Duration.ofMillis(500);

  private final Kernel kernel;
  private final Path pool;

  private final boolean open;

  private Verbs(Kernel kernel, Path pool, boolean open) {
    this.kernel = kernel;
    this.pool = pool;
    this.open = open;
  }

  /** Verbs on what an open pool holds: {@code POOL_UNHEALTHY} where its content is not there. */
  public static Verbs in(Kernel kernel, Path pool) {
    return new Verbs(kernel, pool, true);
  }

  /** Verbs on the pool itself, which may not be there yet. */
  public static Verbs on(Kernel kernel, Path pool) {
    return new Verbs(kernel, pool, false);
  }

  /** What a verb does. */
  @FunctionalInterface
  public interface Body<T> {
    T run() throws IOException;
  }

  /** What a verb without an answer does. */
  @FunctionalInterface
  public interface Action {
    void run() throws IOException;
  }

  /**
   * Runs a verb.
   *
   * @param doing the verb and its thing, as it stands after "cannot": "attach volume app.3"
   * @param otherwise the error where the kernel's number does not tell
   */
  public <T> T run(String doing, StorageError otherwise, Body<T> body) {
    requirePool(doing);
    try {
      return body.run();
    } catch (IOException e) {
      throw explain(doing, otherwise, e);
    }
  }

  /** Where the pool's file system is not mounted, nothing may be said to be missing. */
  private void requirePool(String doing) {
    if (open && !Files.isDirectory(pool.resolve("volumes"))) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "cannot %s: %s holds no pool: is its file system mounted?".formatted(doing, pool));
    }
  }

  /** As {@link #run}, without an answer. */
  public void execute(String doing, StorageError otherwise, Action action) {
    run(
        doing,
        otherwise,
        () -> {
          action.run();
          return true;
        });
  }

  /** Refuses with {@code POOL_FULL} where the pool has no room to begin something. */
  public void requireRoom(String doing) throws IOException {
    if (!hasRoom() && !Waits.until(this::hasRoomOnceFreed, FREEING)) {
      throw full(doing, free(), null);
    }
  }

  private boolean hasRoom() throws IOException {
    return free().compareTo(LEAST_ROOM) >= 0;
  }

  /** File systems free what was deleted in the background: hurried here before a refusal. */
  private boolean hasRoomOnceFreed() throws IOException {
    try (Descriptor root =
        Descriptor.open(kernel, pool, OpenFlags.READ_ONLY | OpenFlags.DIRECTORY)) {
      kernel.syncFileSystem(root.fd());
    }
    return hasRoom();
  }

  private ByteSize free() throws IOException {
    return new ByteSize(LoopPool.room(kernel, pool).free());
  }

  private StorageException explain(String doing, StorageError otherwise, IOException cause) {
    if (cause instanceof KernelException e) {
      if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
        return full(doing, freeOrNothing(), e);
      }
      if (e.is(Errno.EROFS)) {
        return failure(StorageError.POOL_UNHEALTHY, doing, "pool %s is read-only", e);
      }
    }
    // a full pool shows as a failed write of whoever formats or mounts a volume in it
    if (freeOrNothing().compareTo(LEAST_ROOM) < 0) {
      return full(doing, freeOrNothing(), cause);
    }
    return new StorageException(
        otherwise, "cannot %s: %s".formatted(doing, cause.getMessage()), cause);
  }

  private StorageException failure(
      StorageError error, String doing, String reason, IOException cause) {
    return new StorageException(
        error, "cannot %s: %s".formatted(doing, reason.formatted(pool)), cause);
  }

  private ByteSize freeOrNothing() {
    try {
      return free();
    } catch (IOException e) {
      return LEAST_ROOM; // not the reason, then
    }
  }

  private StorageException full(String doing, ByteSize free, @Nullable IOException cause) {
    return new StorageException(
        StorageError.POOL_FULL,
        "cannot %s: no room in pool %s: %s (%d bytes) free, at least %s (%d bytes) needed; delete clones or images, or enlarge the pool"
            .formatted(doing, pool, free, free.bytes(), LEAST_ROOM, LEAST_ROOM.bytes()),
        cause);
  }
}
