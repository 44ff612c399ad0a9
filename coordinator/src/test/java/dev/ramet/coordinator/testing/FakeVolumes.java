package dev.ramet.coordinator.testing;

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
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** Volumes and snapshots of a {@link FakeAgent}, with the rules of real ones. */
final class FakeVolumes extends VolumeServiceGrpc.VolumeServiceImplBase {
  private final FakeAgent agent;

  FakeVolumes(FakeAgent agent) {
    this.agent = agent;
  }

  @Override
  public void createVolume(CreateVolumeRequest request, StreamObserver<Volume> out) {
    agent.mutate(
        "CreateVolume",
        request.getId(),
        out,
        () -> {
          agent.volumes.putIfAbsent(request.getId(), false);
          return agent.volume(request.getId());
        });
  }

  @Override
  public void cloneVolume(CloneVolumeRequest request, StreamObserver<Volume> out) {
    agent.mutate(
        "CloneVolume",
        request.getId(),
        out,
        () -> {
          if (!agent.snapshots.containsKey(request.getOrigin())) {
            throw FakeCalls.error(
                Status.Code.NOT_FOUND, "NOT_FOUND", "no snapshot " + request.getOrigin());
          }
          if (agent.volumes.putIfAbsent(request.getId(), false) == null) {
            copy(request.getOrigin(), request.getId());
          }
          return agent.volume(request.getId());
        });
  }

  private void copy(String from, String to) {
    agent.words.put(to, agent.words.getOrDefault(from, ""));
  }

  @Override
  public void attachVolume(AttachVolumeRequest request, StreamObserver<Attachment> out) {
    agent.mutate(
        "AttachVolume",
        request.getId(),
        out,
        () -> {
          if (!agent.volumes.containsKey(request.getId())) {
            throw FakeCalls.error(
                Status.Code.NOT_FOUND, "NOT_FOUND", "no volume " + request.getId());
          }
          agent.volumes.put(request.getId(), true);
          return Attachment.newBuilder().setAttached(true).build();
        });
  }

  @Override
  public void detachVolume(DetachVolumeRequest request, StreamObserver<DetachVolumeResponse> out) {
    agent.mutate(
        "DetachVolume",
        request.getId(),
        out,
        () -> {
          agent.requireFree("LoadSource", request.getId());
          if (agent.instances.containsKey(request.getId())
              && !agent.readOnly.remove(request.getId())) {
            throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "IN_USE", "instance runs");
          }
          agent.readOnly.remove(request.getId());
          agent.instances.remove(request.getId());
          agent.volumes.computeIfPresent(request.getId(), (_, _) -> false);
          return DetachVolumeResponse.getDefaultInstance();
        });
  }

  @Override
  public void deleteVolume(DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> out) {
    agent.mutate(
        "DeleteVolume",
        request.getId(),
        out,
        () -> {
          if (agent.volumes.getOrDefault(request.getId(), false)) {
            throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "IN_USE", "attached");
          }
          agent.volumes.remove(request.getId());
          agent.words.remove(request.getId());
          return DeleteVolumeResponse.getDefaultInstance();
        });
  }

  @Override
  public void createSnapshot(CreateSnapshotRequest request, StreamObserver<Snapshot> out) {
    agent.mutate(
        "CreateSnapshot",
        request.getId(),
        out,
        () -> {
          if (!agent.snapshots.containsKey(request.getId())) {
            requireSource(request.getSource(), request.getLive());
            agent.snapshots.put(request.getId(), request.getSource());
            copy(request.getSource(), request.getId());
          }
          return Snapshot.newBuilder().setPool(FakeAgent.POOL).setId(request.getId()).build();
        });
  }

  private void requireSource(String volume, boolean live) {
    if (!agent.volumes.containsKey(volume)) {
      throw FakeCalls.error(Status.Code.NOT_FOUND, "NOT_FOUND", "no volume " + volume);
    }
    if (agent.volumes.get(volume) && !live) {
      throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "IN_USE", "attached");
    }
  }

  @Override
  public void deleteSnapshot(
      DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> out) {
    agent.mutate(
        "DeleteSnapshot",
        request.getId(),
        out,
        () -> {
          agent.requireFree("PullSnapshot", request.getId());
          agent.snapshots.remove(request.getId());
          agent.words.remove(request.getId());
          return DeleteSnapshotResponse.getDefaultInstance();
        });
  }

  @Override
  public void cancelPull(CancelPullRequest request, StreamObserver<CancelPullResponse> out) {
    agent.mutate(
        "CancelPull",
        request.getId(),
        out,
        () -> {
          agent.endHeld("PullSnapshot", request.getId());
          return CancelPullResponse.getDefaultInstance();
        });
  }

  @Override
  public void pullSnapshot(PullSnapshotRequest request, StreamObserver<PullProgress> out) {
    if (!agent.waits("PullSnapshot", request.getId(), out)) {
      return;
    }
    String words = agent.wordsAt(request.getFromAddress(), request.getId());
    agent.mutate(
        "PullSnapshot",
        request.getId(),
        out,
        () -> {
          agent.snapshots.put(request.getId(), request.getFromAddress());
          agent.words.put(request.getId(), words);
          return PullProgress.newBuilder().setDone(true).build();
        });
  }

  @Override
  public void getUsage(GetUsageRequest request, StreamObserver<Usage> out) {
    boolean ofSnapshot = !request.getSnapshot().isEmpty();
    String id = ofSnapshot ? request.getSnapshot() : request.getId();
    if (!agent.waits("GetUsage", id, out)) {
      return;
    }
    boolean there;
    long own;
    synchronized (agent) {
      there = ofSnapshot ? agent.snapshots.containsKey(id) : agent.volumes.containsKey(id);
      own = agent.ownBytes.getOrDefault(id, 4096L);
    }
    if (there) {
      out.onNext(Usage.newBuilder().setOwnBytes(own).build());
      out.onCompleted();
    } else {
      out.onError(FakeCalls.error(Status.Code.NOT_FOUND, "NOT_FOUND", "there is no " + id));
    }
  }

  @Override
  public void readGrowth(ReadGrowthRequest request, StreamObserver<ReadGrowthResponse> out) {
    ReadGrowthResponse.Builder answer = ReadGrowthResponse.newBuilder();
    synchronized (agent) {
      for (ReadGrowthRequest.Volume volume : request.getVolumesList()) {
        Long bytes = agent.growths.get(volume.getId());
        if (bytes != null && agent.volumes.getOrDefault(volume.getId(), false)) {
          answer
              .addVolumesBuilder()
              .setPool(volume.getPool())
              .setId(volume.getId())
              .setBytes(bytes)
              .setExact(true);
        }
      }
    }
    out.onNext(answer.build());
    out.onCompleted();
  }

  @Override
  public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> out) {
    ListVolumesResponse.Builder answer = ListVolumesResponse.newBuilder();
    synchronized (agent) {
      agent.volumes.keySet().forEach(id -> answer.addVolumes(agent.volume(id)));
      agent.snapshots.keySet().stream()
          .filter(id -> !agent.unreadable.containsKey(id))
          .forEach(
              id -> answer.addSnapshots(Snapshot.newBuilder().setPool(FakeAgent.POOL).setId(id)));
      agent.leftovers.forEach(name ->
          answer.addLeftovers(
              ListVolumesResponse.Leftover.newBuilder()
                  .setPool(FakeAgent.POOL)
                  .setName(name)
                  .setReason("half a volume")));
    }
    out.onNext(answer.build());
    out.onCompleted();
  }
}
