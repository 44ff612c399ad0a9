package dev.ramet.agent.storage;

import dev.ramet.agent.config.PoolConfig;
import dev.ramet.agent.state.StateDir;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** All pools of this host, by name. Safe for concurrent use. */
public final class Pools implements AutoCloseable {
  private final Map<String, Pool> pools;

  private Pools(Map<String, Pool> pools) {
    this.pools = Collections.unmodifiableMap(pools);
  }

  /** The drivers on the class path, by name. */
  public static Map<String, CowDriverProvider> installedDrivers() {
    Map<String, CowDriverProvider> providers = new TreeMap<>();
    for (CowDriverProvider provider : ServiceLoader.load(CowDriverProvider.class)) {
      providers.put(provider.name(), provider);
    }
    return providers;
  }

  /**
   * The configured pools; none is opened yet.
   *
   * @param stateDir where their ids are remembered
   * @throws StorageException {@code UNSUPPORTED} where a pool names a driver that is not installed
   */
  public static Pools of(
      List<PoolConfig> configs,
      Map<String, CowDriverProvider> providers,
      StateDir stateDir,
      InstantSource clock) {
    Map<String, Pool> pools = new LinkedHashMap<>();
    for (PoolConfig config : configs) {
      CowDriverProvider provider = providers.get(config.driver());
      if (provider == null) {
        throw new StorageException(
            StorageError.UNSUPPORTED,
            "pool '%s' wants the driver '%s', which is not installed; installed are %s"
                .formatted(config.name(), config.driver(), providers.keySet()));
      }
      PoolIdentity identity = new PoolIdentity(config, stateDir.file("pool-" + config.name()));
      pools.put(config.name(), new Pool(config, provider, identity, clock));
    }
    return new Pools(pools);
  }

  /** All of them, in the order of configuration. */
  public Collection<Pool> all() {
    return pools.values();
  }

  /**
   * One of them.
   *
   * @throws StorageException {@code POOL_UNHEALTHY} where this host has no such pool
   */
  public Pool get(String name) {
    Pool pool = pools.get(name);
    if (pool == null) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "this host has no pool '%s'; it has %s".formatted(name, pools.keySet()));
    }
    return pool;
  }

  /** Closes the drivers; attachments and mounts stay. */
  @Override
  public void close() {
    pools.values().forEach(Pool::close);
  }
}
