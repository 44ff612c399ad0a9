package dev.ramet.agent;

import dev.ramet.agent.array.LinuxTarget;
import dev.ramet.agent.array.TargetSettings;
import dev.ramet.agent.config.Endpoint;
import dev.ramet.agent.config.TargetConfig;
import dev.ramet.agent.storage.Pools;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;

/** Makes this host an array, where that is configured. */
final class TargetWiring {
  private static final String DRIVER = "reflink";

  private TargetWiring() {}

  static LinuxTarget open(String host, TargetConfig config) {
    CowDriverProvider provider = Pools.installedDrivers().get(DRIVER);
    if (provider == null) {
      throw new StorageException(
          StorageError.UNSUPPORTED, "a target needs the driver %s".formatted(DRIVER));
    }
    return LinuxTarget.open(
        new TargetSettings(
            host,
            config.dir(),
            config.sizeBytes(),
            config.sources(),
            config.portals().stream().map(Endpoint::toString).toList(),
            config.control()),
        provider);
  }
}
