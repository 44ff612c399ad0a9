package dev.ramet.coordinator.api;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.UnreadableRecord;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.AdminServiceGrpc;
import dev.ramet.proto.v1.CheckHostsRequest;
import dev.ramet.proto.v1.CheckHostsResponse;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.Reap;
import dev.ramet.proto.v1.ReapOrphansRequest;
import dev.ramet.proto.v1.ReapOrphansResponse;
import dev.ramet.proto.v1.WatchReapsRequest;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The operators' part of the public API: what hosts hold against what records want. */
public final class AdminApi extends AdminServiceGrpc.AdminServiceImplBase {
  private final Records records;
  private final HostChecks checks;
  private final Reaps reaps;

  public AdminApi(Records records, Fleet fleet, Arrays arrays) {
    this.records = records;
    this.checks = new HostChecks(records, fleet, arrays);
    this.reaps = new Reaps(records);
  }

  @Override
  public void checkHosts(CheckHostsRequest request, StreamObserver<CheckHostsResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          List<String> hosts = hosts(asked.getHost());
          return CheckHostsResponse.newBuilder()
              .addAllHosts(each(hosts))
              .addAllUnreadableRecords(
                  records.view().unreadable().stream().map(UnreadableRecord::path).toList())
              .build();
        });
  }

  @Override
  public void reapOrphans(
      ReapOrphansRequest request, StreamObserver<ReapOrphansResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          List<Reap> wishes = hosts(asked.getHost()).stream().map(reaps::ask).toList();
          return ReapOrphansResponse.newBuilder().addAllReaps(wishes).build();
        });
  }

  @Override
  public void watchReaps(WatchReapsRequest request, StreamObserver<Reap> observer) {
    try {
      UnknownFields.refuse(request);
      RequestCheck check = new RequestCheck();
      request.getReapsList().forEach(reap -> check.name("reaps.host", reap.getHost()));
      check.require(request.getReapsCount() > 0, "reaps", "is empty").done();
      records.view();
      reaps.watch(request.getReapsList(), observer);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  /** All at the same time: one that does not answer keeps no other. */
  private List<HostCheck> each(List<String> hosts) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<HostCheck>> questions = new ArrayList<>();
      hosts.forEach(host -> questions.add(() -> checks.check(host)));
      List<HostCheck> answers = new ArrayList<>();
      for (Future<HostCheck> answer : threads.invokeAll(questions)) {
        answers.add(answer.get());
      }
      return answers;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw ErrorCode.CANCELLED.exception("given up");
    } catch (ExecutionException error) {
      throw new IllegalStateException(error.getCause());
    }
  }

  private List<String> hosts(String named) {
    new RequestCheck().nameOrEmpty("host", named).done();
    View view = records.view();
    if (!named.isEmpty()) {
      Lookups.requireHost(view, named);
      return List.of(named);
    }
    return view.list(Kind.HOST).stream()
        .map((Versioned<HostRecord> host) -> host.key().name())
        .toList();
  }
}
