package dev.ramet.agent.server;

import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.report.HostReporter;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.GetReportResponse;
import dev.ramet.proto.agent.v1.HostServiceGrpc.HostServiceImplBase;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.VolumeId;
import io.grpc.stub.StreamObserver;

/** What the host is, and what it holds under one id. */
final class HostEndpoint extends HostServiceImplBase {
  private final String name;
  private final HostReporter reporter;
  private final Pools pools;
  private final Instances instances;
  private final Replies replies;

  HostEndpoint(
      String name, HostReporter reporter, Pools pools, Instances instances, Replies replies) {
    this.name = name;
    this.reporter = reporter;
    this.pools = pools;
    this.instances = instances;
    this.replies = replies;
  }

  @Override
  public void getReport(GetReportRequest request, StreamObserver<GetReportResponse> out) {
    replies.send(
        out,
        () -> GetReportResponse.newBuilder().setName(name).setReport(reporter.report()).build());
  }

  @Override
  public void observe(ObserveRequest request, StreamObserver<ObserveResponse> out) {
    boolean storage = !request.getVolume().isEmpty() || !request.getSnapshot().isEmpty();
    Checks checks =
        new Checks()
            .optionalId("volume", request.getVolume())
            .optionalId("instance", request.getInstance())
            .optionalId("snapshot", request.getSnapshot());
    if (storage) {
      checks.pool("pool", request.getPool());
    }
    checks.done();
    replies.send(out, () -> observed(request, storage));
  }

  private ObserveResponse observed(ObserveRequest request, boolean storage) {
    ObserveResponse.Builder response = ObserveResponse.newBuilder();
    String pool = request.getPool();
    if (storage) {
      CowDriver driver = pools.get(pool).driver();
      if (!request.getVolume().isEmpty()) {
        driver
            .findVolume(new VolumeId(request.getVolume()))
            .ifPresent(volume -> response.setVolume(Wire.volume(pool, volume)));
      }
      if (!request.getSnapshot().isEmpty()) {
        driver
            .findSnapshot(new SnapshotId(request.getSnapshot()))
            .ifPresent(snapshot -> response.setSnapshot(Wire.snapshot(pool, snapshot)));
      }
    }
    if (!request.getInstance().isEmpty()) {
      instances
          .find(request.getInstance())
          .ifPresent(instance -> response.setInstance(Wire.instance(instance)));
    }
    return response.build();
  }
}
