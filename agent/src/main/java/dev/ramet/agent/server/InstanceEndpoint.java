package dev.ramet.agent.server;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.Secret;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.CheckpointRequest;
import dev.ramet.proto.agent.v1.CheckpointResponse;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceResponse;
import dev.ramet.proto.agent.v1.FreezeInstanceRequest;
import dev.ramet.proto.agent.v1.GetActivityRequest;
import dev.ramet.proto.agent.v1.GetInstanceRequest;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceLogLines;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc.InstanceServiceImplBase;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListInstancesResponse;
import dev.ramet.proto.agent.v1.ProbeInstanceRequest;
import dev.ramet.proto.agent.v1.ProbeInstanceResponse;
import dev.ramet.proto.agent.v1.ReadLogRequest;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.ThawInstanceRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/** Running database servers. */
final class InstanceEndpoint extends InstanceServiceImplBase {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

  private final Instances instances;
  private final Pools pools;
  private final Replies replies;

  InstanceEndpoint(Instances instances, Pools pools, Replies replies) {
    this.instances = instances;
    this.pools = pools;
    this.replies = replies;
  }

  @Override
  public void startInstance(StartInstanceRequest request, StreamObserver<Instance> out) {
    InstanceSpec spec = checked(request);
    replies.sendInterruptibly(
        out,
        () ->
            Wire.instance(request.getRecovery() ? instances.recover(spec) : instances.start(spec)),
        Claim.instance(spec.id()),
        Claim.volume(spec.pool(), spec.volume()));
  }

  @Override
  public void deleteInstance(
      DeleteInstanceRequest request, StreamObserver<DeleteInstanceResponse> out) {
    new Checks()
        .id("id", request.getId())
        .notNegative("grace", request.getGrace().getSeconds())
        .done();
    Duration grace =
        request.hasGrace()
            ? Duration.ofSeconds(request.getGrace().getSeconds(), request.getGrace().getNanos())
            : DEFAULT_GRACE;
    replies.send(
        out,
        () -> {
          instances.delete(request.getId(), grace);
          return DeleteInstanceResponse.getDefaultInstance();
        },
        claims(request.getId()));
  }

  /** The instance, and its volume in whatever pool it is. */
  private Claim[] claims(String id) {
    return Stream.concat(
            Stream.of(Claim.instance(id)),
            pools.all().stream().map(pool -> Claim.volume(pool.name(), id)))
        .toArray(Claim[]::new);
  }

  @Override
  public void getInstance(GetInstanceRequest request, StreamObserver<Instance> out) {
    new Checks().id("id", request.getId()).done();
    replies.send(
        out,
        () ->
            instances
                .find(request.getId())
                .map(Wire::instance)
                .orElseThrow(() ->
                    new AgentException(
                        AgentError.NOT_FOUND, "no instance '%s'".formatted(request.getId()))));
  }

  @Override
  public void listInstances(
      ListInstancesRequest request, StreamObserver<ListInstancesResponse> out) {
    replies.send(
        out,
        () ->
            ListInstancesResponse.newBuilder()
                .addAllInstances(instances.list().stream().map(Wire::instance).toList())
                .build());
  }

  /** Keeps the instance from being deleted meanwhile, as long as its caller waits. */
  @Override
  public void checkpoint(CheckpointRequest request, StreamObserver<CheckpointResponse> out) {
    new Checks().id("id", request.getId()).done();
    replies.sendInterruptibly(
        out,
        () -> {
          instances.checkpoint(request.getId());
          return CheckpointResponse.getDefaultInstance();
        },
        Claim.instance(request.getId()).shared());
  }

  @Override
  public void freezeInstance(FreezeInstanceRequest request, StreamObserver<Instance> out) {
    new Checks().id("id", request.getId()).done();
    replies.send(
        out,
        () -> Wire.instance(instances.freeze(request.getId())),
        Claim.instance(request.getId()));
  }

  @Override
  public void thawInstance(ThawInstanceRequest request, StreamObserver<Instance> out) {
    new Checks().id("id", request.getId()).done();
    replies.send(
        out, () -> Wire.instance(instances.thaw(request.getId())), Claim.instance(request.getId()));
  }

  @Override
  public void getActivity(GetActivityRequest request, StreamObserver<Activity> out) {
    new Checks().id("id", request.getId()).done();
    replies.sendInterruptibly(out, () -> Wire.activity(instances.activity(request.getId())));
  }

  @Override
  public void probeInstance(
      ProbeInstanceRequest request, StreamObserver<ProbeInstanceResponse> out) {
    new Checks()
        .id("id", request.getId())
        .pool("pool", request.getPool())
        .required("engine", request.getEngine())
        .portOrNone("port", request.getPort())
        .done();
    replies.sendInterruptibly(
        out,
        () -> {
          instances.probe(
              request.getPool(), request.getId(), request.getEngine(), request.getPort());
          return ProbeInstanceResponse.getDefaultInstance();
        });
  }

  @Override
  public void readLog(ReadLogRequest request, StreamObserver<InstanceLogLines> out) {
    new Checks().id("id", request.getId()).notNegative("tail_lines", request.getTailLines()).done();
    ServerStream.openInterruptibly(
        out,
        stream ->
            instances.log(
                request.getId(),
                request.getTailLines(),
                request.getFollow(),
                lines -> send(stream, lines)));
  }

  private static void send(ServerStream<InstanceLogLines> stream, List<String> lines) {
    try {
      stream.send(InstanceLogLines.newBuilder().addAllLines(lines).build());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (CancellationException) new CancellationException("the caller left").initCause(e);
    }
  }

  private static InstanceSpec checked(StartInstanceRequest request) {
    new Checks()
        .id("id", request.getId())
        .required("engine", request.getEngine())
        .required("engine_version", request.getEngineVersion())
        .pool("pool", request.getPool())
        .same("volume", request.getVolume(), "id", request.getId())
        .listenAddress("address", request.getAddress(), request.getPort())
        .portOrNone("port", request.getPort())
        .notNegative("memory_limit_bytes", request.getMemoryLimitBytes())
        .notNegative("cpu_limit_millis", request.getCpuLimitMillis())
        .identifier("user", request.getUser())
        .required("password", request.getPassword())
        .done();
    return new InstanceSpec(
        request.getId(),
        request.getEngine(),
        request.getEngineVersion(),
        request.getRuntime(),
        request.getPool(),
        request.getVolume(),
        request.getAddress(),
        request.getPort(),
        request.getEngineOptionsMap(),
        request.getMemoryLimitBytes(),
        request.getCpuLimitMillis(),
        request.getUser(),
        new Secret(request.getPassword()),
        request.getLabelsMap());
  }
}
