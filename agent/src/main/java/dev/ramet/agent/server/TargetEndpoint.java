package dev.ramet.agent.server;

import dev.ramet.agent.array.LinuxTarget;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.proto.agent.v1.CloneTargetVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteTargetSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteTargetSnapshotResponse;
import dev.ramet.proto.agent.v1.DeleteTargetVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteTargetVolumeResponse;
import dev.ramet.proto.agent.v1.GetTargetRequest;
import dev.ramet.proto.agent.v1.GetTargetVolumeRequest;
import dev.ramet.proto.agent.v1.GetTargetVolumeResponse;
import dev.ramet.proto.agent.v1.GrantAccessRequest;
import dev.ramet.proto.agent.v1.ImportSnapshotsRequest;
import dev.ramet.proto.agent.v1.ImportSnapshotsResponse;
import dev.ramet.proto.agent.v1.ListTargetRequest;
import dev.ramet.proto.agent.v1.ListTargetResponse;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.RevokeAccessRequest;
import dev.ramet.proto.agent.v1.RevokeAccessResponse;
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.SnapshotTargetVolumeRequest;
import dev.ramet.proto.agent.v1.Target;
import dev.ramet.proto.agent.v1.TargetServiceGrpc.TargetServiceImplBase;
import dev.ramet.proto.agent.v1.TargetVolume;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArrayStatus;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** This host as an array, where it is one. */
final class TargetEndpoint extends TargetServiceImplBase {
  private static final String POOL = "target";

  private final Optional<LinuxTarget> target;
  private final Replies replies;

  TargetEndpoint(Optional<LinuxTarget> target, Replies replies) {
    this.target = target;
    this.replies = replies;
  }

  private LinuxTarget target() {
    return target.orElseThrow(() ->
        new AgentException(
            AgentError.UNSUPPORTED,
            "this agent's host is no array: set target.dir in its configuration to make it one"));
  }

  @Override
  public void getTarget(GetTargetRequest request, StreamObserver<Target> out) {
    replies.send(
        out,
        () -> {
          ArrayStatus status = target().status();
          return Target.newBuilder()
              .setHealthy(status.healthy())
              .setProblem(status.problemIfAny().orElse(""))
              .setDescription(status.description())
              .setFreeBytes(status.free().bytes())
              .setTotalBytes(status.total().bytes())
              .build();
        });
  }

  @Override
  public void listTarget(ListTargetRequest request, StreamObserver<ListTargetResponse> out) {
    replies.send(out, () -> TargetWire.listing(target().list()));
  }

  @Override
  public void getTargetVolume(
      GetTargetVolumeRequest request, StreamObserver<GetTargetVolumeResponse> out) {
    new Checks().oneId("id", request.getId(), "snapshot", request.getSnapshot()).done();
    replies.send(
        out,
        () -> {
          GetTargetVolumeResponse.Builder found = GetTargetVolumeResponse.newBuilder();
          if (request.getSnapshot().isEmpty()) {
            target()
                .findVolume(new VolumeId(request.getId()))
                .map(TargetWire::volume)
                .ifPresent(found::setVolume);
          } else {
            target()
                .findSnapshot(new SnapshotId(request.getSnapshot()))
                .map(snapshot -> Wire.snapshot("", snapshot))
                .ifPresent(found::setSnapshot);
          }
          return found.build();
        });
  }

  @Override
  public void importSnapshots(
      ImportSnapshotsRequest request, StreamObserver<ImportSnapshotsResponse> out) {
    Checks checks = new Checks();
    Map<SnapshotId, String> sources = new LinkedHashMap<>();
    for (ImportSnapshotsRequest.Source source : request.getSourcesList()) {
      checks
          .id("sources.snapshot", source.getSnapshot())
          .required("sources.name", source.getName());
    }
    checks.required("sources", request.getSourcesCount() == 0 ? "" : "some").done();
    request
        .getSourcesList()
        .forEach(source -> sources.put(new SnapshotId(source.getSnapshot()), source.getName()));
    Claim[] claims =
        sources.keySet().stream().map(id -> Claim.snapshot(POOL, id.value())).toArray(Claim[]::new);
    replies.send(
        out,
        () ->
            ImportSnapshotsResponse.newBuilder()
                .addAllSnapshots(
                    target().importSnapshots(sources).stream()
                        .map(snapshot -> Wire.snapshot("", snapshot))
                        .toList())
                .build(),
        claims);
  }

  @Override
  public void snapshotTargetVolume(
      SnapshotTargetVolumeRequest request, StreamObserver<Snapshot> out) {
    new Checks().id("id", request.getId()).id("source", request.getSource()).done();
    replies.send(
        out,
        () ->
            Wire.snapshot(
                "",
                target()
                    .createSnapshot(
                        new SnapshotId(request.getId()), new VolumeId(request.getSource()))),
        Claim.snapshot(POOL, request.getId()),
        Claim.volume(POOL, request.getSource()).shared());
  }

  @Override
  public void cloneTargetVolume(
      CloneTargetVolumeRequest request, StreamObserver<TargetVolume> out) {
    new Checks().id("id", request.getId()).id("origin", request.getOrigin()).done();
    replies.send(
        out,
        () ->
            TargetWire.volume(
                target()
                    .cloneVolume(
                        new VolumeId(request.getId()), new SnapshotId(request.getOrigin()))),
        Claim.volume(POOL, request.getId()),
        Claim.snapshot(POOL, request.getOrigin()).shared());
  }

  @Override
  public void deleteTargetVolume(
      DeleteTargetVolumeRequest request, StreamObserver<DeleteTargetVolumeResponse> out) {
    new Checks().id("id", request.getId()).done();
    replies.send(
        out,
        () -> {
          target().deleteVolume(new VolumeId(request.getId()));
          return DeleteTargetVolumeResponse.getDefaultInstance();
        },
        Claim.volume(POOL, request.getId()));
  }

  @Override
  public void deleteTargetSnapshot(
      DeleteTargetSnapshotRequest request, StreamObserver<DeleteTargetSnapshotResponse> out) {
    new Checks().id("id", request.getId()).done();
    replies.send(
        out,
        () -> {
          target().deleteSnapshot(new SnapshotId(request.getId()));
          return DeleteTargetSnapshotResponse.getDefaultInstance();
        },
        Claim.snapshot(POOL, request.getId()));
  }

  @Override
  public void grantAccess(GrantAccessRequest request, StreamObserver<Lun> out) {
    new Checks().id("id", request.getId()).required("initiator", request.getInitiator()).done();
    replies.send(
        out,
        () ->
            TargetWire.lun(
                target().grant(new VolumeId(request.getId()), TargetWire.initiator(request))),
        Claim.volume(POOL, request.getId()));
  }

  @Override
  public void revokeAccess(RevokeAccessRequest request, StreamObserver<RevokeAccessResponse> out) {
    new Checks().id("id", request.getId()).required("initiator", request.getInitiator()).done();
    replies.send(
        out,
        () -> {
          target().revoke(new VolumeId(request.getId()), request.getInitiator());
          return RevokeAccessResponse.getDefaultInstance();
        },
        Claim.volume(POOL, request.getId()));
  }
}
