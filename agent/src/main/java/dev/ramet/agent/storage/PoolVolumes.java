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
import java.util.function.Consumer;

/** The volumes of all pools, as their drivers find them. */
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

  @Override
  public Search named(String volume) {
    List<AttachedVolume> attached = new ArrayList<>();
    List<String> detachedIn = new ArrayList<>();
    boolean complete = true;
    for (Pool pool : pools.all()) {
      try {
        Optional<Volume> found = pool.driver().findVolume(new VolumeId(volume));
        if (found.isPresent() && !add(pool.name(), found.get(), attached)) {
          detachedIn.add(pool.name());
        }
      } catch (StorageException e) {
        // the caller has to think of what there may be
        complete = false;
      }
    }
    return new Search(attached, detachedIn, complete);
  }

  @Override
  public List<AttachedVolume> attached() {
    List<AttachedVolume> attached = new ArrayList<>();
    for (Pool pool : pools.all()) {
      volumes(pool).forEach(volume -> add(pool.name(), volume, attached));
    }
    return attached;
  }

  private static List<Volume> volumes(Pool pool) {
    try {
      return pool.list().volumes();
    } catch (StorageException e) {
      // reported with the host, as the pool's problem
      return List.of();
    }
  }

  @Override
  public void whileAttached(String pool, String volume, Consumer<Path> look) {
    CowDriver driver = pools.get(pool).driver();
    VolumeId id = new VolumeId(volume);
    Path root = driver.attach(id).path();
    try {
      look.accept(root);
    } finally {
      driver.detach(id);
    }
  }

  private static boolean add(String pool, Volume volume, List<AttachedVolume> into) {
    return volume
        .attachmentIfAny()
        .map(at -> into.add(new AttachedVolume(pool, volume.id().value(), at.path())))
        .orElse(false);
  }
}
