package dev.ramet.agent.storage;

import dev.ramet.agent.config.PoolConfig;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.Listing;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool of this host. A pool that could not be opened is reported as unhealthy and tried again
 * when it is next needed, so that one bad disk does not keep the others from serving.
 */
public final class Pool {
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(5);

  private final PoolConfig config;
  private final CowDriverProvider provider;
  private final PoolIdentity identity;
  private final InstantSource clock;
  private @Nullable CowDriver driver;
  private @Nullable StorageException problem;
  private Instant lastAttempt = Instant.MIN;
  private volatile @Nullable String listingProblem;

  Pool(PoolConfig config, CowDriverProvider provider, PoolIdentity identity, InstantSource clock) {
    this.config = config;
    this.provider = provider;
    this.identity = identity;
    this.clock = clock;
  }

  /** As it is configured. */
  public String name() {
    return config.name();
  }

  /** Name of the driver. */
  public String driverName() {
    return config.driver();
  }

  /**
   * The driver of the pool, opened.
   *
   * @throws StorageException {@code POOL_UNHEALTHY} where it cannot be opened
   */
  public synchronized CowDriver driver() {
    if (driver != null) {
      return driver;
    }
    if (problem != null && clock.instant().isBefore(lastAttempt.plus(BETWEEN_ATTEMPTS))) {
      throw problem;
    }
    lastAttempt = clock.instant();
    try {
      driver = open();
      problem = null;
      return driver;
    } catch (StorageException e) {
      problem = e;
      throw e;
    }
  }

  /**
   * Everything in the pool. Where that fails, the pool is reported as unhealthy until it succeeds.
   *
   * @throws StorageException {@code POOL_UNHEALTHY}
   */
  public Listing list() {
    CowDriver opened = driver();
    try {
      Listing listing = opened.list();
      listingProblem = null;
      return listing;
    } catch (StorageException e) {
      listingProblem = String.valueOf(e.getMessage());
      throw e;
    }
  }

  /** Health and room now; a pool that cannot be opened has none. Cheap. */
  public PoolStatus status() {
    try {
      PoolStatus now = driver().status();
      return now.healthy() ? new PoolStatus(listingProblem, now.free(), now.total()) : now;
    } catch (StorageException e) {
      return new PoolStatus(String.valueOf(e.getMessage()), new ByteSize(0), new ByteSize(0));
    }
  }

  /**
   * Does nothing where no volume is attached. Makes nothing: a directory that is no pool is not in
   * use.
   *
   * @throws StorageException {@code IN_USE} naming the attached volumes
   */
  public synchronized void refuseIfInUse() {
    if (!Files.isDirectory(config.dir()) || !provider.supports(config.dir())) {
      return;
    }
    try (CowDriver opened = provider.open(config.dir())) {
      List<String> attached =
          opened.list().volumes().stream()
              .filter(volume -> volume.attachmentIfAny().isPresent())
              .map(volume -> volume.id().value())
              .toList();
      if (!attached.isEmpty()) {
        throw new StorageException(
            StorageError.IN_USE,
            "pool '%s' has attached volumes: %s; remove their clones first"
                .formatted(config.name(), String.join(", ", attached)));
      }
    }
  }

  /**
   * Gives back what was mounted to make the directory a pool; its content stays. Nothing mounted:
   * nothing happens.
   *
   * @throws StorageException {@code IN_USE} while something uses it
   */
  public synchronized void release() {
    close();
    provider.release(config.dir());
  }

  synchronized void close() {
    if (driver != null) {
      driver.close();
      driver = null;
    }
  }

  private CowDriver open() {
    identity.requireNotLost(provider);
    provider.prepare(config.dir(), new ByteSize(config.sizeBytes()));
    CowDriver opened = provider.open(config.dir());
    try {
      identity.confirm();
    } catch (StorageException e) {
      opened.close();
      throw e;
    }
    return opened;
  }
}
