package dev.ramet.agent;

import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import dev.ramet.storage.Listing;
import dev.ramet.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log, at start, what the host holds: nothing of it is remembered, all is looked up. */
final class Inventory {
  private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

  private Inventory() {}

  static void log(Pools pools, Instances instances) {
    pools.all().forEach(Inventory::log);
    try {
      LOG.atInfo().addKeyValue("instances", instances.list().size()).log("instances found");
    } catch (AgentException | StorageException e) {
      // The agent serves all the same: each call tells what it cannot do.
      LOG.atError().log("instances cannot be listed: {}", e.getMessage());
    }
  }

  private static void log(Pool pool) {
    try {
      Listing listing = pool.list();
      LOG.atInfo()
          .addKeyValue("pool", pool.name())
          .addKeyValue("driver", pool.driverName())
          .addKeyValue("volumes", listing.volumes().size())
          .addKeyValue(
              "attached",
              listing.volumes().stream().filter(v -> v.attachmentIfAny().isPresent()).count())
          .addKeyValue("snapshots", listing.snapshots().size())
          .addKeyValue("leftovers", listing.leftovers().size())
          .log("pool opened");
    } catch (StorageException e) {
      LOG.atError().addKeyValue("pool", pool.name()).log("pool not usable: {}", e.getMessage());
    }
  }
}
