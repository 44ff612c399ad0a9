package dev.ramet.coordinator.testing;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.AttachVolumeRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.CancelLoadRequest;
import dev.ramet.proto.agent.v1.CancelLoadResponse;
import dev.ramet.proto.agent.v1.CancelPullRequest;
import dev.ramet.proto.agent.v1.CancelPullResponse;
import dev.ramet.proto.agent.v1.CheckpointRequest;
import dev.ramet.proto.agent.v1.CheckpointResponse;
import dev.ramet.proto.agent.v1.CloneVolumeRequest;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.CreateVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceResponse;
import dev.ramet.proto.agent.v1.DeleteSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteSnapshotResponse;
import dev.ramet.proto.agent.v1.DeleteVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteVolumeResponse;
import dev.ramet.proto.agent.v1.DetachVolumeRequest;
import dev.ramet.proto.agent.v1.DetachVolumeResponse;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.GetActivityRequest;
import dev.ramet.proto.agent.v1.GetUsageRequest;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListInstancesResponse;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadResult;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.ProbeSourceRequest;
import dev.ramet.proto.agent.v1.PullProgress;
import dev.ramet.proto.agent.v1.PullSnapshotRequest;
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.SourceReport;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import dev.ramet.proto.v1.EngineVersions;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * An agent over real gRPC whose host is in memory: the same rules of idempotency, and faults on
 * order. Every mutating call counts; calls can be cut before or after their effect, or refused.
 */
public final class FakeAgent implements AutoCloseable {
  public static final String POOL = "main";
  private static final Context.Key<Long> FENCE = Context.key("fence");

  /** What happens to calls from some number on. */
  public enum Cut {
    BEFORE_EFFECT,
    AFTER_EFFECT
  }

  private record Refusal(Status.Code code, String reason, int times) {}

  private final String name;
  private final Map<String, Boolean> volumes = new TreeMap<>();
  private final Map<String, String> snapshots = new TreeMap<>();
  private final Map<String, Instance.State> instances = new TreeMap<>();
  private final Map<String, Integer> ports = new TreeMap<>();
  private final Map<String, Activity> activities = new TreeMap<>();
  private final Map<String, Refusal> refusals = new TreeMap<>();
  private final Map<String, Set<String>> held = new TreeMap<>();
  private final Map<String, Integer> unreadable = new TreeMap<>();
  private final List<String> leftovers = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final Set<String> readOnly = new HashSet<>();
  private final Set<String> recovered = new HashSet<>();
  private final Set<Integer> foreignPorts = new HashSet<>();
  private final Server server;
  private long greatestFence;
  private int cutAt = Integer.MAX_VALUE;
  private Cut cut = Cut.BEFORE_EFFECT;
  private int cutCalls;
  private int turnedAway;
  private long freeBytes = 90L << 30;

  public FakeAgent(String name) {
    this.name = name;
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .intercept(new FenceInterceptor())
              .addService(new Volumes())
              .addService(new Instances())
              .addService(new Engines())
              .addService(new Hosts())
              .build()
              .start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  public String name() {
    return name;
  }

  public String address() {
    return "127.0.0.1:" + server.getPort();
  }

  public synchronized HostReport report() {
    int first = 15000;
    return HostReport.newBuilder()
        .setBootId("boot")
        .addPools(
            Pool.newBuilder()
                .setName(POOL)
                .setDriver("reflink")
                .setHealthy(true)
                .setFreeBytes(freeBytes)
                .setTotalBytes(100L << 30))
        .addRuntimes("process")
        .addEngines(
            EngineVersions.newBuilder()
                .setEngine("postgres")
                .setRuntime("process")
                .addVersions("15"))
        .setMemoryTotalBytes(16L << 30)
        .setMemoryAvailableBytes(8L << 30)
        .setDatabaseAddress("127.0.0.1")
        .setFirstPort(first)
        .setLastPort(first + 99)
        .build();
  }

  public synchronized void setFreeBytes(long bytes) {
    freeBytes = bytes;
  }

  /**
   * The n-th mutating call from now on (from 0) and all after it fail as if the agent were gone.
   */
  public synchronized void cutFrom(int n, Cut how) {
    cutAt = calls.size() + n;
    cut = how;
    cutCalls = 0;
  }

  public synchronized void heal() {
    cutAt = Integer.MAX_VALUE;
    refusals.clear();
  }

  /** Every call of this verb is refused for good from now on. */
  public synchronized void refuse(String verb, Status.Code code) {
    refuse(verb, code, "REFUSED", Integer.MAX_VALUE);
  }

  /**
   * The next calls are refused with this reason.
   *
   * @param call a verb, or a verb and an id: "DeleteVolume a.abcd0123"
   */
  public synchronized void refuse(String call, Status.Code code, String reason, int times) {
    refusals.put(call, new Refusal(code, reason, times));
  }

  /** The agent is there again; what is to be refused still is. */
  public synchronized void uncut() {
    cutAt = Integer.MAX_VALUE;
  }

  /** As one that has seen a leader with this fence. */
  public synchronized void setGreatestFence(long fence) {
    greatestFence = fence;
  }

  /** Calls whose fence was too small. */
  public synchronized int turnedAway() {
    return turnedAway;
  }

  public synchronized void putLeftover(String id) {
    leftovers.add(id);
  }

  public synchronized int cutCalls() {
    return cutCalls;
  }

  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  public synchronized List<String> volumes() {
    return List.copyOf(volumes.keySet());
  }

  public synchronized List<String> snapshots() {
    return List.copyOf(snapshots.keySet());
  }

  public synchronized List<String> instances() {
    return List.copyOf(instances.keySet());
  }

  /** Something else listens on these ports; the reports do not say so. */
  public synchronized void takePorts(int first, int last) {
    for (int port = first; port <= last; port++) {
      foreignPorts.add(port);
    }
  }

  /** What {@code GetActivity} tells of this instance from now on; nobody uses it before. */
  public synchronized void setActivity(String id, Activity activity) {
    activities.put(id, activity);
  }

  /** The port of the last start of this instance; 0: it listens on no network. */
  public synchronized int port(String id) {
    return ports.get(id);
  }

  /** Instances whose start was said to be a recovery. */
  public synchronized Set<String> recovered() {
    return Set.copyOf(recovered);
  }

  /** Nothing else listens any more. */
  public synchronized void freePorts() {
    foreignPorts.clear();
  }

  public synchronized void putVolume(String id) {
    volumes.put(id, true);
  }

  public synchronized void putSnapshot(String id) {
    snapshots.put(id, "");
  }

  public synchronized void loseSnapshot(String id) {
    snapshots.remove(id);
  }

  /** It is there, but neither listed nor to be looked at. */
  public synchronized void damageSnapshot(String id) {
    unreadable.put(id, 0);
  }

  /** How often a damaged one was asked for. */
  public synchronized int looksAt(String damaged) {
    return unreadable.get(damaged);
  }

  public synchronized void loseVolume(String id) {
    volumes.remove(id);
    instances.remove(id);
  }

  /** As after a reboot: what is stored is there, nothing runs. */
  public synchronized void reboot() {
    instances.clear();
    volumes.replaceAll((_, _) -> false);
  }

  public synchronized void killInstance(String id) {
    instances.put(id, Instance.State.DEAD);
  }

  /**
   * As an instance that died because its file system became read-only, and is until it is mounted
   * anew.
   */
  public synchronized void killReadOnly(String id) {
    killInstance(id);
    readOnly.add(id);
  }

  public synchronized boolean isRunning(String id) {
    return instances.get(id) == Instance.State.RUNNING;
  }

  public boolean isEmpty() {
    return volumes().isEmpty() && instances().isEmpty();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static StatusRuntimeException error(Status.Code code, String reason, String words) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(words)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setReason(reason).setDomain("ramet.dev").build()))
            .build());
  }

  private <A> void mutate(String verb, String id, StreamObserver<A> out, Supplier<A> effect) {
    A answer;
    try {
      synchronized (this) {
        checkFence();
        int call = calls.size();
        calls.add(verb + " " + id);
        refuseOnOrder(verb);
        refuseOnOrder(verb + " " + id);
        if (call >= cutAt) {
          cutCalls++;
          if (cut == Cut.AFTER_EFFECT && call == cutAt) {
            effect.get();
          }
          throw Status.UNAVAILABLE.withDescription("cut").asRuntimeException();
        }
        answer = effect.get();
      }
    } catch (StatusRuntimeException failed) {
      out.onError(failed);
      return;
    }
    out.onNext(answer);
    out.onCompleted();
  }

  /**
   * Calls of this verb begin and then take until {@link #release}. As real ones: a start and a copy
   * keep their id in flight meanwhile, a start ends when its caller leaves, a copy and a load when
   * they are cancelled.
   */
  public synchronized void hold(String verb) {
    held.put(verb, new HashSet<>());
  }

  /** Ids that calls of this verb are held on. */
  public synchronized Set<String> heldIn(String verb) {
    return Set.copyOf(held.getOrDefault(verb, Set.of()));
  }

  /** Those that are held go on, if they were not cancelled. */
  public synchronized void release(String verb) {
    held.remove(verb);
    notifyAll();
  }

  private synchronized boolean isHeld(String verb, String id) {
    return held.getOrDefault(verb, Set.of()).contains(id);
  }

  private synchronized void endHeld(String verb, String id) {
    held.getOrDefault(verb, new HashSet<>()).remove(id);
    notifyAll();
  }

  /** Waits while calls of this verb are held; false: it was ended meanwhile. */
  private synchronized boolean waits(String verb, String id, StreamObserver<?> out) {
    if (!held.containsKey(verb)) {
      return true;
    }
    held.get(verb).add(id);
    if (verb.equals("StartInstance")) {
      Context.current().addListener(_ -> endHeld(verb, id), Runnable::run);
    }
    try {
      while (isHeld(verb, id)) {
        wait();
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (!held.containsKey(verb)) {
      return true;
    }
    out.onError(error(Status.Code.CANCELLED, "CANCELLED", "cancelled"));
    return false;
  }

  private void requireFree(String verb, String id) {
    if (isHeld(verb, id)) {
      throw error(Status.Code.ABORTED, "IN_FLIGHT", verb + " works on it");
    }
  }

  private void requireWritable(String volume) {
    if (readOnly.contains(volume)) {
      throw error(Status.Code.INTERNAL, "IO", "Read-only file system");
    }
  }

  private void refuseOnOrder(String call) {
    Refusal refusal = refusals.remove(call);
    if (refusal == null) {
      return;
    }
    if (refusal.times() > 1) {
      refusals.put(call, new Refusal(refusal.code(), refusal.reason(), refusal.times() - 1));
    }
    throw error(refusal.code(), refusal.reason(), "refused on order");
  }

  private void checkFence() {
    long fence = FENCE.get();
    if (fence < greatestFence) {
      turnedAway++;
      throw error(Status.Code.FAILED_PRECONDITION, "STALE_FENCE", "another coordinator leads");
    }
    greatestFence = fence;
  }

  private Volume volume(String id) {
    boolean attached = volumes.get(id);
    return Volume.newBuilder()
        .setPool(POOL)
        .setId(id)
        .setAttachment(Attachment.newBuilder().setAttached(attached))
        .build();
  }

  private final class Volumes extends VolumeServiceGrpc.VolumeServiceImplBase {
    @Override
    public void createVolume(CreateVolumeRequest request, StreamObserver<Volume> out) {
      mutate(
          "CreateVolume",
          request.getId(),
          out,
          () -> {
            volumes.putIfAbsent(request.getId(), false);
            return volume(request.getId());
          });
    }

    @Override
    public void cloneVolume(CloneVolumeRequest request, StreamObserver<Volume> out) {
      mutate(
          "CloneVolume",
          request.getId(),
          out,
          () -> {
            if (!snapshots.containsKey(request.getOrigin())) {
              throw error(Status.Code.NOT_FOUND, "NOT_FOUND", "no snapshot " + request.getOrigin());
            }
            volumes.putIfAbsent(request.getId(), false);
            return volume(request.getId());
          });
    }

    @Override
    public void attachVolume(
        AttachVolumeRequest request, StreamObserver<dev.ramet.proto.agent.v1.Attachment> out) {
      mutate(
          "AttachVolume",
          request.getId(),
          out,
          () -> {
            if (!volumes.containsKey(request.getId())) {
              throw error(Status.Code.NOT_FOUND, "NOT_FOUND", "no volume " + request.getId());
            }
            volumes.put(request.getId(), true);
            return Attachment.newBuilder().setAttached(true).build();
          });
    }

    @Override
    public void detachVolume(
        DetachVolumeRequest request, StreamObserver<DetachVolumeResponse> out) {
      mutate(
          "DetachVolume",
          request.getId(),
          out,
          () -> {
            requireFree("LoadSource", request.getId());
            if (instances.containsKey(request.getId()) && !readOnly.remove(request.getId())) {
              throw error(Status.Code.FAILED_PRECONDITION, "IN_USE", "instance runs");
            }
            readOnly.remove(request.getId());
            instances.remove(request.getId());
            volumes.computeIfPresent(request.getId(), (_, _) -> false);
            return DetachVolumeResponse.getDefaultInstance();
          });
    }

    @Override
    public void deleteVolume(
        DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> out) {
      mutate(
          "DeleteVolume",
          request.getId(),
          out,
          () -> {
            if (volumes.getOrDefault(request.getId(), false)) {
              throw error(Status.Code.FAILED_PRECONDITION, "IN_USE", "attached");
            }
            volumes.remove(request.getId());
            return DeleteVolumeResponse.getDefaultInstance();
          });
    }

    @Override
    public void createSnapshot(CreateSnapshotRequest request, StreamObserver<Snapshot> out) {
      mutate(
          "CreateSnapshot",
          request.getId(),
          out,
          () -> {
            if (!snapshots.containsKey(request.getId())) {
              requireSource(request.getSource(), request.getLive());
              snapshots.put(request.getId(), request.getSource());
            }
            return Snapshot.newBuilder().setPool(POOL).setId(request.getId()).build();
          });
    }

    private void requireSource(String volume, boolean live) {
      if (!volumes.containsKey(volume)) {
        throw error(Status.Code.NOT_FOUND, "NOT_FOUND", "no volume " + volume);
      }
      if (volumes.get(volume) && !live) {
        throw error(Status.Code.FAILED_PRECONDITION, "IN_USE", "attached");
      }
    }

    @Override
    public void deleteSnapshot(
        DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> out) {
      mutate(
          "DeleteSnapshot",
          request.getId(),
          out,
          () -> {
            requireFree("PullSnapshot", request.getId());
            snapshots.remove(request.getId());
            return DeleteSnapshotResponse.getDefaultInstance();
          });
    }

    @Override
    public void cancelPull(CancelPullRequest request, StreamObserver<CancelPullResponse> out) {
      mutate(
          "CancelPull",
          request.getId(),
          out,
          () -> {
            endHeld("PullSnapshot", request.getId());
            return CancelPullResponse.getDefaultInstance();
          });
    }

    @Override
    public void pullSnapshot(PullSnapshotRequest request, StreamObserver<PullProgress> out) {
      if (!waits("PullSnapshot", request.getId(), out)) {
        return;
      }
      mutate(
          "PullSnapshot",
          request.getId(),
          out,
          () -> {
            snapshots.put(request.getId(), request.getFromAddress());
            return PullProgress.newBuilder().setDone(true).build();
          });
    }

    @Override
    public void getUsage(GetUsageRequest request, StreamObserver<Usage> out) {
      out.onNext(Usage.newBuilder().setOwnBytes(4096).build());
      out.onCompleted();
    }

    @Override
    public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> out) {
      ListVolumesResponse.Builder answer = ListVolumesResponse.newBuilder();
      synchronized (FakeAgent.this) {
        volumes.keySet().forEach(id -> answer.addVolumes(volume(id)));
        snapshots.keySet().stream()
            .filter(id -> !unreadable.containsKey(id))
            .forEach(id -> answer.addSnapshots(Snapshot.newBuilder().setPool(POOL).setId(id)));
        leftovers.forEach(name ->
            answer.addLeftovers(
                ListVolumesResponse.Leftover.newBuilder()
                    .setPool(POOL)
                    .setName(name)
                    .setReason("half a volume")));
      }
      out.onNext(answer.build());
      out.onCompleted();
    }
  }

  private final class Instances extends InstanceServiceGrpc.InstanceServiceImplBase {
    @Override
    public void startInstance(StartInstanceRequest request, StreamObserver<Instance> out) {
      if (!waits("StartInstance", request.getId(), out)) {
        return;
      }
      mutate(
          "StartInstance",
          request.getId(),
          out,
          () -> {
            if (!volumes.getOrDefault(request.getVolume(), false)) {
              throw error(Status.Code.FAILED_PRECONDITION, "NOT_ATTACHED", "not attached");
            }
            requireWritable(request.getId());
            if (instances.get(request.getId()) == Instance.State.DEAD) {
              throw error(Status.Code.FAILED_PRECONDITION, "DEAD", "a dead instance is in the way");
            }
            if (foreignPorts.contains(request.getPort())) {
              throw error(Status.Code.FAILED_PRECONDITION, "PORT_TAKEN", "something listens there");
            }
            instances.put(request.getId(), Instance.State.RUNNING);
            ports.put(request.getId(), request.getPort());
            if (request.getRecovery()) {
              recovered.add(request.getId());
            }
            return Instance.newBuilder()
                .setId(request.getId())
                .setState(Instance.State.RUNNING)
                .setPort(request.getPort())
                .build();
          });
    }

    @Override
    public void deleteInstance(
        DeleteInstanceRequest request, StreamObserver<DeleteInstanceResponse> out) {
      mutate(
          "DeleteInstance",
          request.getId(),
          out,
          () -> {
            requireFree("StartInstance", request.getId());
            requireWritable(request.getId());
            instances.remove(request.getId());
            return DeleteInstanceResponse.getDefaultInstance();
          });
    }

    @Override
    public void checkpoint(CheckpointRequest request, StreamObserver<CheckpointResponse> out) {
      mutate(
          "Checkpoint",
          request.getId(),
          out,
          () -> {
            requireRunning(request.getId());
            return CheckpointResponse.getDefaultInstance();
          });
    }

    @Override
    public void getActivity(GetActivityRequest request, StreamObserver<Activity> out) {
      Activity activity;
      try {
        synchronized (FakeAgent.this) {
          requireRunning(request.getId());
          activity = activities.getOrDefault(request.getId(), Activity.getDefaultInstance());
        }
      } catch (StatusRuntimeException failed) {
        out.onError(failed);
        return;
      }
      out.onNext(activity);
      out.onCompleted();
    }

    private void requireRunning(String id) {
      if (!instances.containsKey(id)) {
        throw error(Status.Code.NOT_FOUND, "NOT_FOUND", "no instance " + id);
      }
      if (instances.get(id) != Instance.State.RUNNING) {
        throw error(Status.Code.FAILED_PRECONDITION, "INSTANCE_NOT_READY", "it does not answer");
      }
    }

    @Override
    public void listInstances(
        ListInstancesRequest request, StreamObserver<ListInstancesResponse> out) {
      ListInstancesResponse.Builder answer = ListInstancesResponse.newBuilder();
      synchronized (FakeAgent.this) {
        instances.forEach(
            (id, state) -> answer.addInstances(Instance.newBuilder().setId(id).setState(state)));
      }
      out.onNext(answer.build());
      out.onCompleted();
    }
  }

  private final class Engines extends EngineServiceGrpc.EngineServiceImplBase {
    @Override
    public void probeSource(ProbeSourceRequest request, StreamObserver<SourceReport> out) {
      if (request.getSource().getLocation().contains("wrong")) {
        out.onError(
            error(
                Status.Code.FAILED_PRECONDITION,
                "SOURCE_AUTH_FAILED",
                "the server refuses the password"));
        return;
      }
      out.onNext(
          SourceReport.newBuilder()
              .setEngine("postgres")
              .setEngineVersion("15")
              .setDataBytes(1 << 20)
              .setDescription("PostgreSQL 15.4 at 127.0.0.1:5432")
              .build());
      out.onCompleted();
    }

    @Override
    public void loadSource(LoadSourceRequest request, StreamObserver<LoadProgress> out) {
      out.onNext(
          LoadProgress.newBuilder()
              .setStep("base-backup")
              .setBytesDone(300 << 10)
              .setBytesTotal(1 << 20)
              .build());
      if (!waits("LoadSource", request.getVolume(), out)) {
        return;
      }
      mutate(
          "LoadSource",
          request.getVolume(),
          out,
          () -> {
            if (!volumes.getOrDefault(request.getVolume(), false)) {
              throw error(Status.Code.FAILED_PRECONDITION, "NOT_ATTACHED", "not attached");
            }
            return LoadProgress.newBuilder()
                .setStep("base-backup")
                .setResult(
                    LoadResult.newBuilder()
                        .setEngineVersion("15")
                        .setDatabase("app")
                        .addDatabases("app")
                        .setDataBytes(1 << 20))
                .build();
          });
    }

    @Override
    public void cancelLoad(CancelLoadRequest request, StreamObserver<CancelLoadResponse> out) {
      mutate(
          "CancelLoad",
          request.getVolume(),
          out,
          () -> {
            endHeld("LoadSource", request.getVolume());
            return CancelLoadResponse.getDefaultInstance();
          });
    }
  }

  private final class Hosts extends HostServiceGrpc.HostServiceImplBase {
    @Override
    public void observe(ObserveRequest request, StreamObserver<ObserveResponse> out) {
      ObserveResponse.Builder answer = ObserveResponse.newBuilder();
      synchronized (FakeAgent.this) {
        if (unreadable.computeIfPresent(request.getSnapshot(), (_, looks) -> looks + 1) != null) {
          out.onError(error(Status.Code.INTERNAL, "IO", "cannot be read"));
          return;
        }
        if (volumes.containsKey(request.getVolume())) {
          answer.setVolume(volume(request.getVolume()));
        }
        if (instances.containsKey(request.getInstance())) {
          answer.setInstance(
              Instance.newBuilder()
                  .setId(request.getInstance())
                  .setState(instances.get(request.getInstance())));
        }
        if (snapshots.containsKey(request.getSnapshot())) {
          answer.setSnapshot(Snapshot.newBuilder().setId(request.getSnapshot()));
        }
      }
      out.onNext(answer.build());
      out.onCompleted();
    }
  }

  private static final class FenceInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> HEADER =
        Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String fence = headers.get(HEADER);
      Context context =
          Context.current().withValue(FENCE, fence == null ? -1L : Long.parseLong(fence));
      return Contexts.interceptCall(context, call, headers, next);
    }
  }
}
