package dev.ramet.agent;

import dev.ramet.agent.config.AgentConfig;
import dev.ramet.agent.state.StateDir;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import java.io.IOException;
import java.time.InstantSource;

/** Unmounts the pools that an agent mounted itself, for good; the agent must not run. */
final class PoolRelease {
  private PoolRelease() {}

  /**
   * Releases all pools of the configuration, or none. A second call does nothing.
   *
   * @throws IOException where an agent runs on the state directory
   * @throws dev.ramet.storage.StorageException {@code IN_USE} naming what is still attached
   */
  static void run(AgentConfig config) throws IOException {
    try (StateDir stateDir = StateDir.open(config.stateDir());
        Pools pools =
            Pools.of(config.pools(), Pools.installedDrivers(), stateDir, InstantSource.system())) {
      pools.all().forEach(Pool::refuseIfInUse);
      pools.all().forEach(Pool::release);
    }
  }
}
