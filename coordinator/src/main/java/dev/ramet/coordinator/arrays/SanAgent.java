package dev.ramet.coordinator.arrays;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.fleet.GrowthAsked;
import dev.ramet.coordinator.fleet.GrowthSeen;
import dev.ramet.coordinator.fleet.InstanceActivity;
import dev.ramet.coordinator.fleet.InstancePlace;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.LoadOrder;
import dev.ramet.coordinator.fleet.LoadResult;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.fleet.Progress;
import dev.ramet.coordinator.fleet.SourceFound;
import dev.ramet.coordinator.fleet.StartOrder;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.v1.Pool;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArrayVolume;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.StorageArray;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An agent, and the arrays whose volumes its host attaches: what is asked of a pool that is an
 * array's goes to the array, then to the host, or the other way round. All else goes to the host.
 */
public final class SanAgent implements Agent {
  private final Agent host;
  private final String name;
  private final Arrays arrays;
  private final Supplier<View> view;

  /**
   * @param host the agent itself
   * @param name of its host
   */
  public SanAgent(Agent host, String name, Arrays arrays, Supplier<View> view) {
    this.host = host;
    this.name = name;
    this.arrays = arrays;
    this.view = view;
  }

  /** Of the array, where the pool is one's; else empty. */
  private <T> Optional<T> onArray(String pool, Function<StorageArray, T> verb) {
    Optional<SanPool> san = SanPool.parse(pool);
    if (san.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(verb.apply(arrays.get(view.get(), san.get().array())));
    } catch (StorageException error) {
      throw ArrayErrors.translate(error);
    } catch (FaultException unknown) {
      throw ArrayErrors.transientFault(unknown.fault());
    }
  }

  private boolean orderOnArray(String pool, Consumer<StorageArray> verb) {
    return onArray(
            pool,
            array -> {
              verb.accept(array);
              return true;
            })
        .isPresent();
  }

  private Initiator initiator(String pool) {
    SanPool san = SanPool.parse(pool).orElseThrow();
    String iqn =
        HostViews.alive(view.get(), name).stream()
            .flatMap(report -> report.getPoolsList().stream())
            .filter(found -> found.getName().equals(san.pool()))
            .map(Pool::getInitiator)
            .filter(found -> !found.isEmpty())
            .findFirst()
            .orElseThrow(() ->
                ArrayErrors.transientFault(
                    ErrorCode.POOL_UNHEALTHY.fault(
                        "host %s has no pool %s that attaches volumes of arrays now"
                            .formatted(name, san.pool()))));
    try {
      return new Initiator(name, iqn, arrays.chap(san.array(), name), null);
    } catch (FaultException unknown) {
      throw ArrayErrors.transientFault(unknown.fault());
    }
  }

  @Override
  public Observation observe(String pool, String volume, String instance, String snapshot) {
    if (SanPool.parse(pool).isEmpty()) {
      return host.observe(pool, volume, instance, snapshot);
    }
    Observation there = host.observe(SanPool.onHost(pool), volume, instance, "");
    Optional<VolumeSeen> seen =
        there.volumeAttached()
            ? Optional.of(new VolumeSeen(pool, volume, true)) // it would not be, without its volume
            : volume.isEmpty()
                ? Optional.empty()
                : onArray(pool, array -> array.findVolume(new VolumeId(volume)).isPresent())
                    .filter(found -> found)
                    .map(_ -> new VolumeSeen(pool, volume, false));
    boolean kept =
        !snapshot.isEmpty()
            && onArray(pool, array -> array.findSnapshot(new SnapshotId(snapshot)).isPresent())
                .orElse(false);
    return new Observation(seen, there.instance(), kept);
  }

  @Override
  public long importVolume(String pool, String id, String source) {
    return onArray(
            pool,
            array -> {
              SnapshotId snapshot = imported(id);
              array.importSnapshots(Map.of(snapshot, source));
              ArrayVolume made = array.cloneVolume(new VolumeId(id), snapshot);
              return made.size().bytes();
            })
        .orElseGet(() -> host.importVolume(pool, id, source));
  }

  /** What a volume that was imported is a clone of. */
  private static SnapshotId imported(String volume) {
    return new SnapshotId(volume + ".source");
  }

  @Override
  public void cloneVolume(String pool, String id, String snapshot, long limitBytes) {
    if (limitBytes > 0 && SanPool.parse(pool).isPresent()) {
      throw ArrayErrors.definite(
          ErrorCode.INVALID_ARGUMENT.fault(
              "volume %s is an array's, and cannot be limited: leave the limit out".formatted(id)));
    }
    if (!orderOnArray(
        pool, array -> array.cloneVolume(new VolumeId(id), new SnapshotId(snapshot)))) {
      host.cloneVolume(pool, id, snapshot, limitBytes);
    }
  }

  @Override
  public void attachVolume(String pool, String id) {
    if (SanPool.parse(pool).isEmpty()) {
      host.attachVolume(pool, id);
      return;
    }
    Initiator initiator = initiator(pool);
    LunAddress address =
        onArray(pool, array -> array.grantAccess(new VolumeId(id), initiator)).orElseThrow();
    host.attachLun(SanPool.onHost(pool), id, address);
  }

  @Override
  public void attachLun(String pool, String id, LunAddress address) {
    host.attachLun(pool, id, address);
  }

  /**
   * The host first: nobody takes a volume away that is written to. Then everybody's access, as the
   * array has it: the host may be called otherwise by now.
   */
  @Override
  public void detachVolume(String pool, String id) {
    host.detachVolume(SanPool.onHost(pool), id);
    boolean _ =
        orderOnArray(
            pool,
            array -> {
              VolumeId volume = new VolumeId(id);
              array.findVolume(volume).stream()
                  .flatMap(found -> found.initiators().stream())
                  .forEach(iqn -> array.revokeAccess(volume, iqn));
            });
  }

  @Override
  public void deleteVolume(String pool, String id) {
    boolean onArray =
        orderOnArray(
            pool,
            array -> {
              array.deleteVolume(new VolumeId(id));
              array.deleteSnapshot(imported(id));
            });
    if (!onArray) {
      host.deleteVolume(pool, id);
    }
  }

  @Override
  public void createSnapshot(String pool, String id, String volume, boolean live) {
    if (!orderOnArray(
        pool, array -> array.createSnapshot(new SnapshotId(id), new VolumeId(volume)))) {
      host.createSnapshot(pool, id, volume, live);
    }
  }

  @Override
  public void deleteSnapshot(String pool, String id) {
    if (!orderOnArray(pool, array -> array.deleteSnapshot(new SnapshotId(id)))) {
      host.deleteSnapshot(pool, id);
    }
  }

  @Override
  public void createVolume(String pool, String id, long sizeBytes) {
    host.createVolume(pool, id, sizeBytes);
  }

  @Override
  public Inventory inventory() {
    return host.inventory();
  }

  @Override
  public long ownBytes(String pool, String volume) {
    return host.ownBytes(SanPool.onHost(pool), volume);
  }

  @Override
  public long ownBytesOfSnapshot(String pool, String snapshot) {
    return host.ownBytesOfSnapshot(SanPool.onHost(pool), snapshot);
  }

  @Override
  public List<GrowthSeen> growth(List<GrowthAsked> volumes) {
    return host.growth(volumes);
  }

  @Override
  public SourceFound probe(String engine, Secret source) {
    return host.probe(engine, source);
  }

  @Override
  public InstanceSeen startInstance(StartOrder order, Cancellation cancellation) {
    return host.startInstance(order, cancellation);
  }

  @Override
  public void deleteInstance(String id) {
    host.deleteInstance(id);
  }

  @Override
  public void deleteInstance(String id, Duration grace) {
    host.deleteInstance(id, grace);
  }

  @Override
  public void freezeInstance(String id) {
    host.freezeInstance(id);
  }

  @Override
  public void thawInstance(String id) {
    host.thawInstance(id);
  }

  @Override
  public void checkpoint(String instance) {
    host.checkpoint(instance);
  }

  @Override
  public InstanceActivity activity(String instance) {
    return host.activity(instance);
  }

  @Override
  public void probe(InstancePlace instance) {
    host.probe(instance);
  }

  @Override
  public LoadResult loadSource(
      LoadOrder order, Consumer<Progress> progress, Cancellation cancellation) {
    return host.loadSource(order, progress, cancellation);
  }

  @Override
  public void cancelLoad(String pool, String volume) {
    host.cancelLoad(SanPool.onHost(pool), volume);
  }

  @Override
  public void pullSnapshot(
      String pool,
      String id,
      String fromAddress,
      String fromPool,
      Consumer<Progress> progress,
      Cancellation cancellation) {
    host.pullSnapshot(pool, id, fromAddress, fromPool, progress, cancellation);
  }

  @Override
  public void cancelPull(String pool, String id) {
    host.cancelPull(SanPool.onHost(pool), id);
  }

  @Override
  public List<String> lastLines(String instance, int lines) {
    return host.lastLines(instance, lines);
  }

  @Override
  public void readLog(
      String instance,
      int tailLines,
      boolean follow,
      Consumer<List<String>> lines,
      Cancellation cancellation) {
    host.readLog(instance, tailLines, follow, lines, cancellation);
  }
}
