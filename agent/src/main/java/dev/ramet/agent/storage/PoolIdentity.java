package dev.ramet.agent.storage;

import dev.ramet.agent.config.PoolConfig;
import dev.ramet.agent.state.StateFile;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Tells this host's pool from an empty directory where its disk should be mounted, and from another
 * pool. Its id is kept in the pool, and beside it in the agent's state directory: without that, a
 * disk that is late after a restart would look like the loss of every clone.
 */
final class PoolIdentity {
  private final PoolConfig config;
  private final StateFile expected;
  private final StateFile inPool;

  PoolIdentity(PoolConfig config, StateFile expected) {
    this.config = config;
    this.expected = expected;
    this.inPool = new StateFile(config.dir().resolve("pool-id"));
  }

  /**
   * Before anything is made or mounted.
   *
   * @throws StorageException {@code POOL_UNHEALTHY} where there was a pool once and none is now
   */
  void requireNotLost(CowDriverProvider provider) {
    Optional<String> id = read(expected);
    if (id.isPresent() && !provider.exists(config.dir())) {
      throw unhealthy(
          "pool '%s' is not at %s any more: mount its disk; to begin with an empty pool, remove %s"
              .formatted(config.name(), config.dir(), expected));
    }
  }

  /**
   * On the opened pool: names a new one, remembers one that is seen for the first time.
   *
   * @throws StorageException {@code POOL_UNHEALTHY} where it is not the one that was here
   */
  void confirm() {
    Optional<String> id = read(expected);
    Optional<String> found = read(inPool);
    if (id.isPresent() && found.isPresent() && !id.equals(found)) {
      throw unhealthy(
          "at %s is the pool %s, not this host's pool '%s', %s: mount the right disk; to take the one that is there, remove %s"
              .formatted(config.dir(), found.get(), config.name(), id.get(), expected));
    }
    String known = found.or(() -> id).orElseGet(() -> UUID.randomUUID().toString());
    if (found.isEmpty()) {
      write(inPool, known);
    }
    if (id.isEmpty()) {
      write(expected, known);
    }
  }

  private Optional<String> read(StateFile file) {
    try {
      return file.read();
    } catch (IOException e) {
      throw failed("read", file, e);
    }
  }

  private void write(StateFile file, String id) {
    try {
      file.write(id);
    } catch (IOException e) {
      throw failed("write", file, e);
    }
  }

  private StorageException failed(String what, StateFile file, IOException e) {
    return new StorageException(
        StorageError.POOL_UNHEALTHY,
        "cannot %s the id of pool '%s' in %s: %s".formatted(what, config.name(), file, e),
        e);
  }

  private static StorageException unhealthy(String message) {
    return new StorageException(StorageError.POOL_UNHEALTHY, message);
  }
}
