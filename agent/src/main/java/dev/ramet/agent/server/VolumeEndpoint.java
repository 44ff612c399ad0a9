package dev.ramet.agent.server;

import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.storage.GrowthReadings;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.AttachVolumeRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.CancelPullRequest;
import dev.ramet.proto.agent.v1.CancelPullResponse;
import dev.ramet.proto.agent.v1.CloneVolumeRequest;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.CreateVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteSnapshotResponse;
import dev.ramet.proto.agent.v1.DeleteVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteVolumeResponse;
import dev.ramet.proto.agent.v1.DetachVolumeRequest;
import dev.ramet.proto.agent.v1.DetachVolumeResponse;
import dev.ramet.proto.agent.v1.GetUsageRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.PullProgress;
import dev.ramet.proto.agent.v1.PullSnapshotRequest;
import dev.ramet.proto.agent.v1.ReadGrowthRequest;
import dev.ramet.proto.agent.v1.ReadGrowthResponse;
import dev.ramet.proto.agent.v1.ReadSnapshotRequest;
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc.VolumeServiceImplBase;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Storage verbs over the pools' drivers. */
final class VolumeEndpoint extends VolumeServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeEndpoint.class);

  private final Pools pools;
  private final Engines engines;
  private final Replies replies;
  private final SnapshotPulls pulls;
  private final GrowthReadings growths;

  VolumeEndpoint(Pools pools, Engines engines, Replies replies, SnapshotPulls pulls) {
    this.pools = pools;
    this.engines = engines;
    this.replies = replies;
    this.pulls = pulls;
    this.growths = new GrowthReadings(pools, Path.of("/sys/block"), InstantSource.system());
  }

  @Override
  public void createVolume(CreateVolumeRequest request, StreamObserver<Volume> out) {
    String pool = request.getPool();
    named(pool, request.getId()).positive("size_bytes", request.getSizeBytes()).done();
    VolumeId id = new VolumeId(request.getId());
    VolumeSpec spec = new VolumeSpec(new ByteSize(request.getSizeBytes()));
    replies.send(
        out,
        () -> Wire.volume(pool, driver(pool).createVolume(id, spec)),
        Claim.volume(pool, request.getId()));
  }

  @Override
  public void createSnapshot(CreateSnapshotRequest request, StreamObserver<Snapshot> out) {
    String pool = request.getPool();
    named(pool, request.getId()).id("source", request.getSource()).done();
    SnapshotId id = new SnapshotId(request.getId());
    VolumeId source = new VolumeId(request.getSource());
    SnapshotMode mode = request.getLive() ? SnapshotMode.LIVE : SnapshotMode.DETACHED;
    replies.send(
        out,
        () -> Wire.snapshot(pool, driver(pool).createSnapshot(id, source, mode)),
        Claim.snapshot(pool, request.getId()),
        Claim.volume(pool, request.getSource()));
  }

  @Override
  public void cloneVolume(CloneVolumeRequest request, StreamObserver<Volume> out) {
    String pool = request.getPool();
    named(pool, request.getId())
        .id("origin", request.getOrigin())
        .notNegative("limit_bytes", request.getLimitBytes())
        .done();
    VolumeId id = new VolumeId(request.getId());
    SnapshotId origin = new SnapshotId(request.getOrigin());
    CloneSpec spec =
        request.getLimitBytes() == 0
            ? CloneSpec.LIKE_ORIGIN
            : new CloneSpec(new ByteSize(request.getLimitBytes()));
    replies.send(
        out,
        () -> Wire.volume(pool, driver(pool).cloneVolume(id, origin, spec)),
        Claim.volume(pool, request.getId()),
        Claim.snapshot(pool, request.getOrigin()).shared());
  }

  @Override
  public void attachVolume(AttachVolumeRequest request, StreamObserver<Attachment> out) {
    String pool = request.getPool();
    named(pool, request.getId()).done();
    VolumeId id = new VolumeId(request.getId());
    replies.send(
        out, () -> Wire.attachment(driver(pool).attach(id)), Claim.volume(pool, request.getId()));
  }

  @Override
  public void detachVolume(DetachVolumeRequest request, StreamObserver<DetachVolumeResponse> out) {
    String pool = request.getPool();
    named(pool, request.getId()).done();
    VolumeId id = new VolumeId(request.getId());
    replies.send(
        out,
        () -> {
          CowDriver driver = driver(pool);
          endLeftoverTools(pool, id, driver);
          driver.detach(id);
          return DetachVolumeResponse.getDefaultInstance();
        },
        Claim.volume(pool, request.getId()));
  }

  @Override
  public void deleteVolume(DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> out) {
    String pool = request.getPool();
    named(pool, request.getId()).done();
    VolumeId id = new VolumeId(request.getId());
    replies.send(
        out,
        () -> {
          driver(pool).deleteVolume(id);
          return DeleteVolumeResponse.getDefaultInstance();
        },
        Claim.volume(pool, request.getId()));
  }

  @Override
  public void deleteSnapshot(
      DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> out) {
    String pool = request.getPool();
    named(pool, request.getId()).done();
    SnapshotId id = new SnapshotId(request.getId());
    replies.send(
        out,
        () -> {
          driver(pool).deleteSnapshot(id);
          return DeleteSnapshotResponse.getDefaultInstance();
        },
        Claim.snapshot(pool, request.getId()));
  }

  @Override
  public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> out) {
    Checks checks = new Checks();
    if (!request.getPool().isEmpty()) {
      checks.pool("pool", request.getPool());
    }
    checks.done();
    replies.send(
        out,
        () -> request.getPool().isEmpty() ? listAll() : list(pools.get(request.getPool())).build());
  }

  private static ListVolumesResponse.Builder list(Pool pool) {
    ListVolumesResponse.Builder response = ListVolumesResponse.newBuilder();
    add(pool.name(), pool.list(), response);
    return response;
  }

  private ListVolumesResponse listAll() {
    ListVolumesResponse.Builder response = ListVolumesResponse.newBuilder();
    for (Pool pool : pools.all()) {
      try {
        response.mergeFrom(list(pool).build());
      } catch (StorageException e) {
        response
            .addLeftoversBuilder()
            .setPool(pool.name())
            .setReason("the pool cannot be listed: " + e.getMessage());
      }
    }
    return response.build();
  }

  @Override
  public void getUsage(GetUsageRequest request, StreamObserver<Usage> out) {
    new Checks()
        .pool("pool", request.getPool())
        .oneId("id", request.getId(), "snapshot", request.getSnapshot())
        .done();
    replies.sendInterruptibly(out, () -> Wire.usage(usage(request)));
  }

  private dev.ramet.storage.Usage usage(GetUsageRequest request) {
    CowDriver driver = driver(request.getPool());
    return request.getSnapshot().isEmpty()
        ? driver.usage(new VolumeId(request.getId()))
        : driver.usage(new SnapshotId(request.getSnapshot()));
  }

  @Override
  public void readGrowth(ReadGrowthRequest request, StreamObserver<ReadGrowthResponse> out) {
    Checks checks = new Checks();
    for (ReadGrowthRequest.Volume volume : request.getVolumesList()) {
      checks
          .pool("volumes.pool", volume.getPool())
          .id("volumes.id", volume.getId())
          .positive("volumes.limit_bytes", volume.getLimitBytes());
    }
    checks.done();
    replies.send(
        out,
        () -> {
          ReadGrowthResponse.Builder response = ReadGrowthResponse.newBuilder();
          for (ReadGrowthRequest.Volume volume : request.getVolumesList()) {
            growth(volume).ifPresent(growth -> response.addVolumes(Wire.growth(volume, growth)));
          }
          // a call names all that anybody watches
          growths.retain(
              request.getVolumesList().stream()
                  .map(volume -> GrowthReadings.key(volume.getPool(), volume.getId()))
                  .collect(Collectors.toSet()));
          return response.build();
        });
  }

  /** One that cannot be read now is no reason to know nothing of the others. */
  private Optional<GrowthReadings.Growth> growth(ReadGrowthRequest.Volume volume) {
    try {
      return growths.read(volume.getPool(), volume.getId(), new ByteSize(volume.getLimitBytes()));
    } catch (StorageException e) {
      if (e.error() == StorageError.UNSUPPORTED) {
        throw e;
      }
      LOG.atDebug().addKeyValue("volume", volume.getId()).log("its growth: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void readSnapshot(ReadSnapshotRequest request, StreamObserver<SnapshotChunk> out) {
    named(request.getPool(), request.getId()).done();
    SnapshotSender sender =
        new SnapshotSender(driver(request.getPool()), new SnapshotId(request.getId()));
    ServerStream.open(out, sender::send);
  }

  @Override
  public void pullSnapshot(PullSnapshotRequest request, StreamObserver<PullProgress> out) {
    named(request.getPool(), request.getId())
        .target("from_address", request.getFromAddress())
        .pool("from_pool", request.getFromPool())
        .done();
    Job<PullProgress> job = pulls.join(request, driver(request.getPool()));
    ServerStream.openInterruptibly(out, stream -> job.watch(stream::send));
  }

  @Override
  public void cancelPull(CancelPullRequest request, StreamObserver<CancelPullResponse> out) {
    named(request.getPool(), request.getId()).done();
    replies.send(
        out,
        () -> {
          pulls.cancel(request.getPool(), request.getId());
          return CancelPullResponse.getDefaultInstance();
        });
  }

  private static Checks named(String pool, String id) {
    return new Checks().pool("pool", pool).id("id", id);
  }

  private CowDriver driver(String pool) {
    return pools.get(pool).driver();
  }

  /** Only a volume without an origin can have been loaded, by an earlier life of the agent. */
  private void endLeftoverTools(String pool, VolumeId id, CowDriver driver)
      throws InterruptedException {
    if (driver.findVolume(id).filter(volume -> volume.origin() == null).isPresent()) {
      for (Engine engine : engines.all()) {
        engine.endLeftovers(pool, id.value());
      }
    }
  }

  private static void add(String pool, Listing listing, ListVolumesResponse.Builder into) {
    listing.volumes().forEach(volume -> into.addVolumes(Wire.volume(pool, volume)));
    listing.snapshots().forEach(snapshot -> into.addSnapshots(Wire.snapshot(pool, snapshot)));
    for (Listing.Leftover leftover : listing.leftovers()) {
      into.addLeftoversBuilder()
          .setPool(pool)
          .setName(leftover.name())
          .setReason(leftover.reason());
    }
  }
}
