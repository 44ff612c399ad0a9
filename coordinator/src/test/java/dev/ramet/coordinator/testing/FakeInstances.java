package dev.ramet.coordinator.testing;

import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.CheckpointRequest;
import dev.ramet.proto.agent.v1.CheckpointResponse;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceResponse;
import dev.ramet.proto.agent.v1.FreezeInstanceRequest;
import dev.ramet.proto.agent.v1.GetActivityRequest;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListInstancesResponse;
import dev.ramet.proto.agent.v1.ProbeInstanceRequest;
import dev.ramet.proto.agent.v1.ProbeInstanceResponse;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.ThawInstanceRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

/** Instances of a {@link FakeAgent}, with the rules of real ones. */
final class FakeInstances extends InstanceServiceGrpc.InstanceServiceImplBase {
  private final FakeAgent agent;

  FakeInstances(FakeAgent agent) {
    this.agent = agent;
  }

  @Override
  public void startInstance(StartInstanceRequest request, StreamObserver<Instance> out) {
    if (!agent.waits("StartInstance", request.getId(), out)) {
      return;
    }
    agent.mutate(
        "StartInstance",
        request.getId(),
        out,
        () -> {
          if (!agent.volumes.getOrDefault(request.getVolume(), false)) {
            throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "NOT_ATTACHED", "not attached");
          }
          agent.requireWritable(request.getId());
          if (agent.instances.get(request.getId()) == Instance.State.DEAD) {
            throw FakeCalls.error(
                Status.Code.FAILED_PRECONDITION, "DEAD", "a dead instance is in the way");
          }
          if (agent.foreignPorts.contains(request.getPort())) {
            throw FakeCalls.error(
                Status.Code.FAILED_PRECONDITION, "PORT_TAKEN", "something listens there");
          }
          agent.instances.put(request.getId(), Instance.State.RUNNING);
          agent.ports.put(request.getId(), request.getPort());
          agent.memoryLimits.put(request.getId(), request.getMemoryLimitBytes());
          if (request.getRecovery()) {
            agent.recovered.add(request.getId());
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
    agent.mutate(
        "DeleteInstance",
        request.getId(),
        out,
        () -> {
          agent.requireFree("StartInstance", request.getId());
          agent.requireWritable(request.getId());
          agent.instances.remove(request.getId());
          return DeleteInstanceResponse.getDefaultInstance();
        });
  }

  @Override
  public void freezeInstance(FreezeInstanceRequest request, StreamObserver<Instance> out) {
    change("FreezeInstance", request.getId(), Instance.State.FROZEN, out);
  }

  @Override
  public void thawInstance(ThawInstanceRequest request, StreamObserver<Instance> out) {
    change("ThawInstance", request.getId(), Instance.State.RUNNING, out);
  }

  private void change(String verb, String id, Instance.State state, StreamObserver<Instance> out) {
    agent.mutate(
        verb,
        id,
        out,
        () -> {
          requireAlive(id);
          agent.instances.put(id, state);
          return Instance.newBuilder().setId(id).setState(state).build();
        });
  }

  @Override
  public void checkpoint(CheckpointRequest request, StreamObserver<CheckpointResponse> out) {
    agent.mutate(
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
      synchronized (agent) {
        requireRunning(request.getId());
        activity = agent.activities.getOrDefault(request.getId(), Activity.getDefaultInstance());
      }
    } catch (StatusRuntimeException failed) {
      out.onError(failed);
      return;
    }
    out.onNext(activity);
    out.onCompleted();
  }

  @Override
  public void probeInstance(
      ProbeInstanceRequest request, StreamObserver<ProbeInstanceResponse> out) {
    if (!agent.waits("ProbeInstance", request.getId(), out)) {
      return;
    }
    try {
      synchronized (agent) {
        requireRunning(request.getId());
      }
    } catch (StatusRuntimeException failed) {
      out.onError(failed);
      return;
    }
    out.onNext(ProbeInstanceResponse.getDefaultInstance());
    out.onCompleted();
  }

  private void requireRunning(String id) {
    requireAlive(id);
    if (agent.instances.get(id) == Instance.State.FROZEN) {
      throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "INSTANCE_FROZEN", "it is frozen");
    }
  }

  private void requireAlive(String id) {
    if (!agent.instances.containsKey(id)) {
      throw FakeCalls.error(Status.Code.NOT_FOUND, "NOT_FOUND", "no instance " + id);
    }
    if (agent.instances.get(id) == Instance.State.DEAD) {
      throw FakeCalls.error(
          Status.Code.FAILED_PRECONDITION, "INSTANCE_NOT_READY", "it does not answer");
    }
  }

  @Override
  public void listInstances(
      ListInstancesRequest request, StreamObserver<ListInstancesResponse> out) {
    ListInstancesResponse.Builder answer = ListInstancesResponse.newBuilder();
    synchronized (agent) {
      agent.instances.forEach(
          (id, state) -> answer.addInstances(Instance.newBuilder().setId(id).setState(state)));
    }
    out.onNext(answer.build());
    out.onCompleted();
  }
}
