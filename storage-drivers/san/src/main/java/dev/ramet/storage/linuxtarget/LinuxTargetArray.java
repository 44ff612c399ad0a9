package dev.ramet.storage.linuxtarget;

import dev.ramet.proto.agent.v1.CloneTargetVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteTargetSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteTargetVolumeRequest;
import dev.ramet.proto.agent.v1.GetTargetRequest;
import dev.ramet.proto.agent.v1.GetTargetVolumeRequest;
import dev.ramet.proto.agent.v1.GetTargetVolumeResponse;
import dev.ramet.proto.agent.v1.GrantAccessRequest;
import dev.ramet.proto.agent.v1.ImportSnapshotsRequest;
import dev.ramet.proto.agent.v1.ListTargetRequest;
import dev.ramet.proto.agent.v1.ListTargetResponse;
import dev.ramet.proto.agent.v1.RevokeAccessRequest;
import dev.ramet.proto.agent.v1.SnapshotTargetVolumeRequest;
import dev.ramet.proto.agent.v1.Target;
import dev.ramet.proto.agent.v1.TargetServiceGrpc;
import dev.ramet.proto.agent.v1.TargetServiceGrpc.TargetServiceBlockingStub;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArrayCapability;
import dev.ramet.storage.san.ArrayListing;
import dev.ramet.storage.san.ArraySettings;
import dev.ramet.storage.san.ArrayStatus;
import dev.ramet.storage.san.ArrayVolume;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.StorageArray;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A Linux machine as an array, by its agent's TargetService. */
final class LinuxTargetArray implements StorageArray {
  private static final Metadata.Key<String> INSTALLATION =
      Metadata.Key.of("ramet-installation", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> FENCE =
      Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration WORK = Duration.ofSeconds(60);
  private static final int KEEP_ALIVE_SECONDS = 10;

  private final ArraySettings settings;
  private final ManagedChannel channel;

  LinuxTargetArray(String address, ArraySettings settings) {
    this.settings = settings;
    this.channel =
        NettyChannelBuilder.forTarget("dns:///" + address)
            .usePlaintext()
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .disableRetry()
            .build();
  }

  @Override
  public Set<ArrayCapability> capabilities() {
    return LinuxTargetProvider.CAPABILITIES;
  }

  @Override
  public ArrayStatus status() {
    try {
      Target target = call(LOOK, stub -> stub.getTarget(GetTargetRequest.getDefaultInstance()));
      return new ArrayStatus(
          target.getHealthy() ? null : target.getProblem(),
          target.getDescription(),
          new ByteSize(target.getFreeBytes()),
          new ByteSize(target.getTotalBytes()));
    } catch (StorageException e) {
      return new ArrayStatus(String.valueOf(e.getMessage()), "", new ByteSize(0), new ByteSize(0));
    }
  }

  @Override
  public List<Snapshot> importSnapshots(Map<SnapshotId, String> sources) {
    ImportSnapshotsRequest.Builder request = ImportSnapshotsRequest.newBuilder();
    sources.forEach(
        (id, name) -> request.addSourcesBuilder().setSnapshot(id.value()).setName(name));
    return call(WORK, stub -> stub.importSnapshots(request.build())).getSnapshotsList().stream()
        .map(LinuxTargetArray::snapshot)
        .toList();
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source) {
    SnapshotTargetVolumeRequest request =
        SnapshotTargetVolumeRequest.newBuilder()
            .setId(id.value())
            .setSource(source.value())
            .build();
    return snapshot(call(WORK, stub -> stub.snapshotTargetVolume(request)));
  }

  @Override
  public ArrayVolume cloneVolume(VolumeId id, SnapshotId origin) {
    CloneTargetVolumeRequest request =
        CloneTargetVolumeRequest.newBuilder().setId(id.value()).setOrigin(origin.value()).build();
    return volume(call(WORK, stub -> stub.cloneTargetVolume(request)));
  }

  @Override
  public LunAddress grantAccess(VolumeId id, Initiator initiator) {
    GrantAccessRequest.Builder request =
        GrantAccessRequest.newBuilder().setId(id.value()).setInitiator(initiator.iqn());
    initiator.chapIfAny().map(LunMessages::chap).ifPresent(request::setChap);
    initiator.targetChapIfAny().map(LunMessages::chap).ifPresent(request::setTargetChap);
    return LunMessages.address(call(WORK, stub -> stub.grantAccess(request.build())));
  }

  @Override
  public void revokeAccess(VolumeId id, String iqn) {
    RevokeAccessRequest request =
        RevokeAccessRequest.newBuilder().setId(id.value()).setInitiator(iqn).build();
    call(WORK, stub -> stub.revokeAccess(request));
  }

  @Override
  public void deleteVolume(VolumeId id) {
    DeleteTargetVolumeRequest request =
        DeleteTargetVolumeRequest.newBuilder().setId(id.value()).build();
    call(WORK, stub -> stub.deleteTargetVolume(request));
  }

  @Override
  public void deleteSnapshot(SnapshotId id) {
    DeleteTargetSnapshotRequest request =
        DeleteTargetSnapshotRequest.newBuilder().setId(id.value()).build();
    call(WORK, stub -> stub.deleteTargetSnapshot(request));
  }

  @Override
  public Optional<ArrayVolume> findVolume(VolumeId id) {
    GetTargetVolumeRequest request = GetTargetVolumeRequest.newBuilder().setId(id.value()).build();
    GetTargetVolumeResponse found = call(LOOK, stub -> stub.getTargetVolume(request));
    return found.hasVolume() ? Optional.of(volume(found.getVolume())) : Optional.empty();
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    GetTargetVolumeRequest request =
        GetTargetVolumeRequest.newBuilder().setSnapshot(id.value()).build();
    GetTargetVolumeResponse found = call(LOOK, stub -> stub.getTargetVolume(request));
    return found.hasSnapshot() ? Optional.of(snapshot(found.getSnapshot())) : Optional.empty();
  }

  @Override
  public ArrayListing list() {
    ListTargetResponse all =
        call(WORK, stub -> stub.listTarget(ListTargetRequest.getDefaultInstance()));
    return new ArrayListing(
        all.getVolumesList().stream().map(LinuxTargetArray::volume).toList(),
        all.getSnapshotsList().stream().map(LinuxTargetArray::snapshot).toList(),
        all.getLeftoversList().stream()
            .map(left -> new Listing.Leftover(left.getName(), left.getReason()))
            .toList());
  }

  private static ArrayVolume volume(dev.ramet.proto.agent.v1.TargetVolume volume) {
    return new ArrayVolume(
        new VolumeId(volume.getId()),
        new SnapshotId(volume.getOrigin()),
        new ByteSize(volume.getSizeBytes()),
        volume.getInitiatorsList());
  }

  private static Snapshot snapshot(dev.ramet.proto.agent.v1.Snapshot snapshot) {
    return new Snapshot(
        new SnapshotId(snapshot.getId()),
        new VolumeId(snapshot.getSource()),
        new ByteSize(snapshot.getSizeBytes()));
  }

  private <T> T call(Duration within, Function<TargetServiceBlockingStub, T> verb) {
    Metadata headers = new Metadata();
    headers.put(FENCE, Long.toString(settings.epoch().getAsLong()));
    headers.put(INSTALLATION, settings.installation());
    TargetServiceBlockingStub stub =
        TargetServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(within)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    try {
      return verb.apply(stub);
    } catch (StatusRuntimeException e) {
      throw LunMessages.failure(settings.name(), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
