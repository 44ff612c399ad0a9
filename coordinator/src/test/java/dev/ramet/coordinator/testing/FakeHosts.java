package dev.ramet.coordinator.testing;

import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.Snapshot;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** What there is on the host of a {@link FakeAgent}. */
final class FakeHosts extends HostServiceGrpc.HostServiceImplBase {
  private final FakeAgent agent;

  FakeHosts(FakeAgent agent) {
    this.agent = agent;
  }

  @Override
  public void observe(ObserveRequest request, StreamObserver<ObserveResponse> out) {
    ObserveResponse.Builder answer = ObserveResponse.newBuilder();
    synchronized (agent) {
      if (agent.unreadable.computeIfPresent(request.getSnapshot(), (_, looks) -> looks + 1)
          != null) {
        out.onError(FakeCalls.error(Status.Code.INTERNAL, "IO", "cannot be read"));
        return;
      }
      if (agent.volumes.containsKey(request.getVolume())) {
        answer.setVolume(agent.volume(request.getVolume()));
      }
      if (agent.instances.containsKey(request.getInstance())) {
        answer.setInstance(
            Instance.newBuilder()
                .setId(request.getInstance())
                .setState(agent.instances.get(request.getInstance())));
      }
      if (agent.snapshots.containsKey(request.getSnapshot())) {
        answer.setSnapshot(Snapshot.newBuilder().setId(request.getSnapshot()));
      }
    }
    out.onNext(answer.build());
    out.onCompleted();
  }
}
