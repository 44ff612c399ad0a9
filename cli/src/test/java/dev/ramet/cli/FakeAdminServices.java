package dev.ramet.cli;

import dev.ramet.proto.v1.AdminServiceGrpc.AdminServiceImplBase;
import dev.ramet.proto.v1.CheckHostsRequest;
import dev.ramet.proto.v1.CheckHostsResponse;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.EventServiceGrpc.EventServiceImplBase;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.Reap;
import dev.ramet.proto.v1.ReapOrphansRequest;
import dev.ramet.proto.v1.ReapOrphansResponse;
import dev.ramet.proto.v1.WatchEventsRequest;
import dev.ramet.proto.v1.WatchReapsRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What operators ask {@link FakeCoordinator}; tests put into the lists what is told. */
final class FakeAdminServices {
  final List<Event> events = new CopyOnWriteArrayList<>();
  final List<HostCheck> checks = new CopyOnWriteArrayList<>();
  final List<String> unreadable = new CopyOnWriteArrayList<>();

  /** What becomes of a wish, by host. */
  final List<Reap> reaps = new CopyOnWriteArrayList<>();

  EventServiceImplBase eventService() {
    return new EventServiceImplBase() {
      @Override
      public void watchEvents(WatchEventsRequest request, StreamObserver<Event> observer) {
        events.stream()
            .filter(event -> request.getFollow() || event.getPresent())
            .forEach(observer::onNext);
        if (request.getFollow()) {
          // what ends a stream for good, so that the command ends
          observer.onError(Status.INTERNAL.withDescription("the end").asRuntimeException());
        } else {
          observer.onCompleted();
        }
      }
    };
  }

  AdminServiceImplBase adminService() {
    return new AdminServiceImplBase() {
      @Override
      public void checkHosts(
          CheckHostsRequest request, StreamObserver<CheckHostsResponse> observer) {
        observer.onNext(
            CheckHostsResponse.newBuilder()
                .addAllHosts(checks)
                .addAllUnreadableRecords(unreadable)
                .build());
        observer.onCompleted();
      }

      @Override
      public void reapOrphans(
          ReapOrphansRequest request, StreamObserver<ReapOrphansResponse> observer) {
        ReapOrphansResponse.Builder answer = ReapOrphansResponse.newBuilder();
        for (Reap reap : reaps) {
          Reap.Builder asked = answer.addReapsBuilder().setHost(reap.getHost());
          if (reap.hasFailure()) {
            asked.setFailure(reap.getFailure());
          }
        }
        observer.onNext(answer.build());
        observer.onCompleted();
      }

      @Override
      public void watchReaps(WatchReapsRequest request, StreamObserver<Reap> observer) {
        reaps.forEach(observer::onNext);
        observer.onCompleted();
      }
    };
  }
}
