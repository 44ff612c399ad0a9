package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.fleet.Inventory.Leftover;
import dev.ramet.coordinator.fleet.Inventory.SnapshotSeen;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.coordinator.store.Leadership;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.AttachVolumeRequest;
import dev.ramet.proto.agent.v1.CancelLoadRequest;
import dev.ramet.proto.agent.v1.CancelPullRequest;
import dev.ramet.proto.agent.v1.Chap;
import dev.ramet.proto.agent.v1.CheckpointRequest;
import dev.ramet.proto.agent.v1.CloneVolumeRequest;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.CreateVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteVolumeRequest;
import dev.ramet.proto.agent.v1.DetachVolumeRequest;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.FreezeInstanceRequest;
import dev.ramet.proto.agent.v1.GetActivityRequest;
import dev.ramet.proto.agent.v1.GetUsageRequest;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListInstancesResponse;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.ProbeInstanceRequest;
import dev.ramet.proto.agent.v1.ProbeInstanceResponse;
import dev.ramet.proto.agent.v1.ProbeSourceRequest;
import dev.ramet.proto.agent.v1.PullSnapshotRequest;
import dev.ramet.proto.agent.v1.ReadGrowthRequest;
import dev.ramet.proto.agent.v1.ReadLogRequest;
import dev.ramet.proto.agent.v1.SanServiceGrpc;
import dev.ramet.proto.agent.v1.Source;
import dev.ramet.proto.agent.v1.SourceReport;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.ThawInstanceRequest;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import dev.ramet.storage.san.LunAddress;
import io.grpc.ManagedChannel;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** An agent behind a channel. */
final class GrpcAgent implements Agent {
  private final ManagedChannel channel;
  private final AgentCalls calls;
  private final Deadlines deadlines;

  GrpcAgent(
      String address,
      ManagedChannel channel,
      Optional<Leadership> leadership,
      Deadlines deadlines) {
    this.channel = channel;
    this.calls = new AgentCalls(address, leadership);
    this.deadlines = deadlines;
  }

  @Override
  public Observation observe(String pool, String volume, String instance, String snapshot) {
    ObserveRequest request =
        ObserveRequest.newBuilder()
            .setPool(pool)
            .setVolume(volume)
            .setInstance(instance)
            .setSnapshot(snapshot)
            .build();
    HostServiceGrpc.HostServiceBlockingStub stub =
        within(HostServiceGrpc.newBlockingStub(channel), deadlines.look());
    ObserveResponse answer = calls.call("Observe", () -> stub.observe(request));
    return new Observation(
        answer.hasVolume() ? Optional.of(Seen.volume(answer.getVolume())) : Optional.empty(),
        answer.hasInstance() ? Optional.of(Seen.instance(answer.getInstance())) : Optional.empty(),
        answer.hasSnapshot());
  }

  @Override
  public Inventory inventory() {
    VolumeServiceGrpc.VolumeServiceBlockingStub volumes = volumes(deadlines.storage());
    InstanceServiceGrpc.InstanceServiceBlockingStub instances = instances(deadlines.storage());
    ListVolumesResponse stored =
        calls.call(
            "ListVolumes", () -> volumes.listVolumes(ListVolumesRequest.getDefaultInstance()));
    ListInstancesResponse running =
        calls.call(
            "ListInstances",
            () -> instances.listInstances(ListInstancesRequest.getDefaultInstance()));
    return new Inventory(
        stored.getVolumesList().stream().map(Seen::volume).toList(),
        stored.getSnapshotsList().stream()
            .map(snapshot -> new SnapshotSeen(snapshot.getPool(), snapshot.getId()))
            .toList(),
        running.getInstancesList().stream().map(Seen::instance).toList(),
        stored.getLeftoversList().stream()
            .map(left -> new Leftover(left.getPool(), left.getName(), left.getReason()))
            .toList());
  }

  @Override
  public long ownBytes(String pool, String volume) {
    return ownBytes(GetUsageRequest.newBuilder().setPool(pool).setId(volume).build());
  }

  @Override
  public long ownBytesOfSnapshot(String pool, String snapshot) {
    return ownBytes(GetUsageRequest.newBuilder().setPool(pool).setSnapshot(snapshot).build());
  }

  private long ownBytes(GetUsageRequest request) {
    VolumeServiceGrpc.VolumeServiceBlockingStub stub =
        within(VolumeServiceGrpc.newBlockingStub(channel), deadlines.look());
    return calls.call("GetUsage", () -> stub.getUsage(request)).getOwnBytes();
  }

  @Override
  public List<GrowthSeen> growth(List<GrowthAsked> volumes) {
    ReadGrowthRequest.Builder request = ReadGrowthRequest.newBuilder();
    volumes.forEach(asked ->
        request
            .addVolumesBuilder()
            .setPool(SanPool.onHost(asked.pool()))
            .setId(asked.volume())
            .setLimitBytes(asked.limitBytes()));
    VolumeServiceGrpc.VolumeServiceBlockingStub stub =
        within(VolumeServiceGrpc.newBlockingStub(channel), deadlines.storage());
    return calls
        .call("ReadGrowth", () -> stub.readGrowth(request.build()))
        .getVolumesList()
        .stream()
        .map(seen -> new GrowthSeen(seen.getPool(), seen.getId(), seen.getBytes()))
        .toList();
  }

  @Override
  public SourceFound probe(String engine, Secret source) {
    ProbeSourceRequest request =
        ProbeSourceRequest.newBuilder().setEngine(engine).setSource(source(source)).build();
    EngineServiceGrpc.EngineServiceBlockingStub stub =
        within(EngineServiceGrpc.newBlockingStub(channel), deadlines.probe());
    SourceReport report = calls.call("ProbeSource", () -> stub.probeSource(request));
    return new SourceFound(
        report.getEngine(),
        report.getEngineVersion(),
        report.getDataBytes(),
        report.getDescription());
  }

  @Override
  public void createVolume(String pool, String id, long sizeBytes) {
    CreateVolumeRequest request =
        CreateVolumeRequest.newBuilder().setPool(pool).setId(id).setSizeBytes(sizeBytes).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("CreateVolume", () -> stub.createVolume(request));
  }

  @Override
  public void cloneVolume(String pool, String id, String snapshot, long limitBytes) {
    CloneVolumeRequest request =
        CloneVolumeRequest.newBuilder()
            .setPool(pool)
            .setId(id)
            .setOrigin(snapshot)
            .setLimitBytes(limitBytes)
            .build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("CloneVolume", () -> stub.cloneVolume(request));
  }

  @Override
  public void attachVolume(String pool, String id) {
    AttachVolumeRequest request = AttachVolumeRequest.newBuilder().setPool(pool).setId(id).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("AttachVolume", () -> stub.attachVolume(request));
  }

  @Override
  public long importVolume(String pool, String id, String source) {
    throw new IllegalStateException("pool %s is on a host, and imports nothing".formatted(pool));
  }

  @Override
  public void attachLun(String pool, String id, LunAddress address) {
    AttachLunRequest request =
        AttachLunRequest.newBuilder().setPool(pool).setId(id).setLun(lun(address)).build();
    SanServiceGrpc.SanServiceBlockingStub stub =
        within(calls.fenced(SanServiceGrpc.newBlockingStub(channel)), deadlines.storage());
    calls.call("AttachLun", () -> stub.attachLun(request));
  }

  private static Lun lun(LunAddress address) {
    Lun.Builder lun = Lun.newBuilder().setLun(address.lun()).setWwid(address.wwid());
    address
        .portals()
        .forEach(
            portal -> lun.addPortalsBuilder().setAddress(portal.address()).setIqn(portal.iqn()));
    address.chapIfAny().map(GrpcAgent::chap).ifPresent(lun::setChap);
    address.targetChapIfAny().map(GrpcAgent::chap).ifPresent(lun::setTargetChap);
    return lun.build();
  }

  private static Chap chap(dev.ramet.storage.san.Chap chap) {
    return Chap.newBuilder().setUser(chap.user()).setSecret(chap.secret()).build();
  }

  @Override
  public void detachVolume(String pool, String id) {
    DetachVolumeRequest request = DetachVolumeRequest.newBuilder().setPool(pool).setId(id).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("DetachVolume", () -> stub.detachVolume(request));
  }

  @Override
  public void deleteVolume(String pool, String id) {
    DeleteVolumeRequest request = DeleteVolumeRequest.newBuilder().setPool(pool).setId(id).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("DeleteVolume", () -> stub.deleteVolume(request));
  }

  @Override
  public void createSnapshot(String pool, String id, String volume, boolean live) {
    CreateSnapshotRequest request =
        CreateSnapshotRequest.newBuilder()
            .setPool(pool)
            .setId(id)
            .setSource(volume)
            .setLive(live)
            .build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("CreateSnapshot", () -> stub.createSnapshot(request));
  }

  @Override
  public void deleteSnapshot(String pool, String id) {
    DeleteSnapshotRequest request =
        DeleteSnapshotRequest.newBuilder().setPool(pool).setId(id).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("DeleteSnapshot", () -> stub.deleteSnapshot(request));
  }

  @Override
  public InstanceSeen startInstance(StartOrder order, Cancellation cancellation) {
    StartInstanceRequest request =
        StartInstanceRequest.newBuilder()
            .setId(order.id())
            .setEngine(order.engine())
            .setEngineVersion(order.engineVersion())
            .setRuntime(order.runtime())
            .setPool(SanPool.onHost(order.pool()))
            .setVolume(order.volume())
            .setAddress(order.address())
            .setPort(order.port())
            .putAllEngineOptions(order.engineOptions())
            .setMemoryLimitBytes(order.memoryLimitBytes())
            .setCpuLimitMillis(order.cpuLimitMillis())
            .setUser(order.user())
            .setPassword(order.password().reveal())
            .putAllLabels(order.labels())
            .setRecovery(order.recovery())
            .build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub = instances(deadlines.start());
    return Seen.instance(
        calls.cancellable("StartInstance", cancellation, () -> stub.startInstance(request)));
  }

  @Override
  public void deleteInstance(String id) {
    deleteInstance(DeleteInstanceRequest.newBuilder().setId(id).build());
  }

  @Override
  public void deleteInstance(String id, Duration grace) {
    deleteInstance(
        DeleteInstanceRequest.newBuilder()
            .setId(id)
            .setGrace(
                com.google.protobuf.Duration.newBuilder()
                    .setSeconds(grace.getSeconds())
                    .setNanos(grace.getNano()))
            .build());
  }

  private void deleteInstance(DeleteInstanceRequest request) {
    InstanceServiceGrpc.InstanceServiceBlockingStub stub = instances(deadlines.stop());
    calls.call("DeleteInstance", () -> stub.deleteInstance(request));
  }

  @Override
  public void freezeInstance(String id) {
    FreezeInstanceRequest request = FreezeInstanceRequest.newBuilder().setId(id).build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub = instances(deadlines.storage());
    calls.call("FreezeInstance", () -> stub.freezeInstance(request));
  }

  @Override
  public void thawInstance(String id) {
    ThawInstanceRequest request = ThawInstanceRequest.newBuilder().setId(id).build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub = instances(deadlines.storage());
    calls.call("ThawInstance", () -> stub.thawInstance(request));
  }

  @Override
  public void checkpoint(String instance) {
    CheckpointRequest request = CheckpointRequest.newBuilder().setId(instance).build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub = instances(deadlines.start());
    calls.call("Checkpoint", () -> stub.checkpoint(request));
  }

  @Override
  public void probe(InstancePlace instance) {
    ProbeInstanceRequest request =
        ProbeInstanceRequest.newBuilder()
            .setId(instance.id())
            .setPool(SanPool.onHost(instance.pool()))
            .setEngine(instance.engine())
            .setPort(instance.port())
            .build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub =
        within(InstanceServiceGrpc.newBlockingStub(channel), deadlines.look());
    ProbeInstanceResponse _ = calls.call("ProbeInstance", () -> stub.probeInstance(request));
  }

  @Override
  public InstanceActivity activity(String instance) {
    GetActivityRequest request = GetActivityRequest.newBuilder().setId(instance).build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub =
        within(InstanceServiceGrpc.newBlockingStub(channel), deadlines.look());
    Activity activity = calls.call("GetActivity", () -> stub.getActivity(request));
    Duration behind =
        activity.hasTime()
            ? Duration.between(Seen.instant(activity.getTime()), Instant.now())
            : Duration.ZERO;
    return new InstanceActivity(
        activity.getConnectionsList().stream().map(seen -> Seen.connection(seen, behind)).toList(),
        activity.getUse(),
        activity.getRunning());
  }

  @Override
  public LoadResult loadSource(
      LoadOrder order, Consumer<Progress> progress, Cancellation cancellation) {
    LoadSourceRequest request =
        LoadSourceRequest.newBuilder()
            .setPool(SanPool.onHost(order.pool()))
            .setVolume(order.volume())
            .setEngine(order.engine())
            .setEngineVersion(order.engineVersion())
            .setRuntime(order.runtime())
            .setSource(source(order.source()))
            .setDatabase(order.database())
            .build();
    EngineServiceGrpc.EngineServiceBlockingStub stub =
        calls.fenced(EngineServiceGrpc.newBlockingStub(channel));
    List<LoadResult> results = new ArrayList<>();
    calls.stream(
        "LoadSource",
        cancellation,
        () -> stub.loadSource(request),
        (LoadProgress message) -> {
          if (message.hasResult()) {
            results.add(result(message.getResult()));
          }
          progress.accept(
              new Progress(message.getStep(), message.getBytesDone(), message.getBytesTotal()));
        });
    return results.stream().findFirst().orElseThrow(() -> calls.brokenStream("LoadSource"));
  }

  @Override
  public void cancelLoad(String pool, String volume) {
    CancelLoadRequest request =
        CancelLoadRequest.newBuilder().setPool(pool).setVolume(volume).build();
    EngineServiceGrpc.EngineServiceBlockingStub stub =
        within(calls.fenced(EngineServiceGrpc.newBlockingStub(channel)), deadlines.stop());
    calls.call("CancelLoad", () -> stub.cancelLoad(request));
  }

  @Override
  public void pullSnapshot(
      String pool,
      String id,
      String fromAddress,
      String fromPool,
      Consumer<Progress> progress,
      Cancellation cancellation) {
    PullSnapshotRequest request =
        PullSnapshotRequest.newBuilder()
            .setPool(pool)
            .setId(id)
            .setFromAddress(fromAddress)
            .setFromPool(fromPool)
            .build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub =
        calls.fenced(VolumeServiceGrpc.newBlockingStub(channel));
    AtomicBoolean done = new AtomicBoolean();
    calls.stream(
        "PullSnapshot",
        cancellation,
        () -> stub.pullSnapshot(request),
        message -> {
          done.set(message.getDone());
          progress.accept(
              new Progress("replicate", message.getBytesDone(), message.getBytesTotal()));
        });
    if (!done.get()) {
      throw calls.brokenStream("PullSnapshot");
    }
  }

  @Override
  public void cancelPull(String pool, String id) {
    CancelPullRequest request = CancelPullRequest.newBuilder().setPool(pool).setId(id).build();
    VolumeServiceGrpc.VolumeServiceBlockingStub stub = volumes(deadlines.storage());
    calls.call("CancelPull", () -> stub.cancelPull(request));
  }

  @Override
  public List<String> lastLines(String instance, int lines) {
    ReadLogRequest request =
        ReadLogRequest.newBuilder().setId(instance).setTailLines(lines).build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub =
        within(InstanceServiceGrpc.newBlockingStub(channel), deadlines.look());
    return calls.call(
        "ReadLog",
        () -> {
          List<String> read = new ArrayList<>();
          stub.readLog(request).forEachRemaining(message -> read.addAll(message.getLinesList()));
          return read;
        });
  }

  @Override
  public void readLog(
      String instance,
      int tailLines,
      boolean follow,
      Consumer<List<String>> lines,
      Cancellation cancellation) {
    ReadLogRequest request =
        ReadLogRequest.newBuilder()
            .setId(instance)
            .setTailLines(tailLines)
            .setFollow(follow)
            .build();
    InstanceServiceGrpc.InstanceServiceBlockingStub stub =
        InstanceServiceGrpc.newBlockingStub(channel);
    calls.stream(
        "ReadLog",
        cancellation,
        () -> stub.readLog(request),
        message -> lines.accept(message.getLinesList()));
  }

  private VolumeServiceGrpc.VolumeServiceBlockingStub volumes(Duration deadline) {
    return within(calls.fenced(VolumeServiceGrpc.newBlockingStub(channel)), deadline);
  }

  private InstanceServiceGrpc.InstanceServiceBlockingStub instances(Duration deadline) {
    return within(calls.fenced(InstanceServiceGrpc.newBlockingStub(channel)), deadline);
  }

  private static <S extends AbstractStub<S>> S within(S stub, Duration deadline) {
    return stub.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Source source(Secret location) {
    return Source.newBuilder().setLocation(location.reveal()).build();
  }

  private static LoadResult result(dev.ramet.proto.agent.v1.LoadResult result) {
    return new LoadResult(
        result.getEngineVersion(),
        result.getDatabase(),
        List.copyOf(result.getDatabasesList()),
        result.getDataBytes());
  }
}
