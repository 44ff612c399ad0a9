package dev.ramet.agent.storage;

import dev.ramet.agent.runtime.AttachedVolume;
import dev.ramet.agent.runtime.Volumes;
import dev.ramet.storage.Attachment;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The attached volumes of all pools, as their drivers find them. */
public final class PoolVolumes implements Volumes {
  private final Pools pools;

  public PoolVolumes(Pools pools) {
    this.pools = pools;
  }

  @Override
  public Optional<Path> mountOf(String pool, String volume) {
    return pools
        .get(pool)
        .driver()
        .findVolume(new VolumeId(volume))
        .flatMap(Volume::attachmentIfAny)
        .map(Attachment::path);
  }

  /** Those of pools that cannot be opened are left out: nothing of them can be reached. */
  @Override
  public List<AttachedVolume> attached() {
    List<AttachedVolume> attached = new ArrayList<>();
    for (Pool pool : pools.all()) {
      openDriver(pool).ifPresent(driver -> add(pool.name(), driver, attached));
    }
    return attached;
  }

  private static Optional<CowDriver> openDriver(Pool pool) {
    try {
      return Optional.of(pool.driver());
    } catch (StorageException e) {
      // reported with the host, as the pool's problem
      return Optional.empty();
    }
  }

  private static void add(String pool, CowDriver driver, List<AttachedVolume> into) {
    for (Volume volume : driver.list().volumes()) {
      volume
          .attachmentIfAny()
          .ifPresent(attachment ->
              into.add(new AttachedVolume(pool, volume.id().value(), attachment.path())));
    }
  }
}
