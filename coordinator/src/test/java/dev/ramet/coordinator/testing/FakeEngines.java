package dev.ramet.coordinator.testing;

import dev.ramet.coordinator.testing.users.Contents;
import dev.ramet.proto.agent.v1.CancelLoadRequest;
import dev.ramet.proto.agent.v1.CancelLoadResponse;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadResult;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ProbeSourceRequest;
import dev.ramet.proto.agent.v1.SourceReport;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** Sources of a {@link FakeAgent}: there is one database to be copied. */
final class FakeEngines extends EngineServiceGrpc.EngineServiceImplBase {
  private final FakeAgent agent;

  FakeEngines(FakeAgent agent) {
    this.agent = agent;
  }

  @Override
  public void probeSource(ProbeSourceRequest request, StreamObserver<SourceReport> out) {
    if (request.getSource().getLocation().contains("wrong")) {
      out.onError(
          FakeCalls.error(
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
    if (!agent.waits("LoadSource", request.getVolume(), out)) {
      return;
    }
    agent.mutate(
        "LoadSource",
        request.getVolume(),
        out,
        () -> {
          if (!agent.volumes.getOrDefault(request.getVolume(), false)) {
            throw FakeCalls.error(Status.Code.FAILED_PRECONDITION, "NOT_ATTACHED", "not attached");
          }
          agent.words.put(request.getVolume(), Contents.FRESH);
          return LoadProgress.newBuilder()
              .setStep("base-backup")
              .setResult(
                  LoadResult.newBuilder()
                      .setEngineVersion("15")
                      .setDatabase(agent.database())
                      .addDatabases(agent.database())
                      .setDataBytes(1 << 20))
              .build();
        });
  }

  @Override
  public void cancelLoad(CancelLoadRequest request, StreamObserver<CancelLoadResponse> out) {
    agent.mutate(
        "CancelLoad",
        request.getVolume(),
        out,
        () -> {
          agent.endHeld("LoadSource", request.getVolume());
          return CancelLoadResponse.getDefaultInstance();
        });
  }
}
