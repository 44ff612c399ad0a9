package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.HostLeases;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.DeleteHostRequest;
import dev.ramet.proto.v1.GetHostRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.HostEvent;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ListHostsRequest;
import dev.ramet.proto.v1.ListHostsResponse;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.proto.v1.ReportHostResponse;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.WatchHostsRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** The hosts' part of the public API, and where agents report. */
public final class HostApi extends HostServiceGrpc.HostServiceImplBase {
  private final Records records;
  private final HostReports reports;
  private final HostRemovals removals;
  private final Duration heartbeat;

  public HostApi(Records records, HostLeases leases, Duration heartbeat) {
    this.records = records;
    this.reports = new HostReports(records, leases);
    this.removals = new HostRemovals(records);
    this.heartbeat = heartbeat;
  }

  @Override
  public void getHost(GetHostRequest request, StreamObserver<Host> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          View view = records.view();
          Lookups.requireHost(view, asked.getName());
          return host(view, view.get(Keys.host(asked.getName())).orElseThrow());
        });
  }

  @Override
  public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().pageSize(asked.getPageSize()).done();
          View view = records.view();
          Pages.Cut<Versioned<HostRecord>> page =
              Pages.cut(
                  view.list(Kind.HOST),
                  host -> host.key().name(),
                  asked.getPageSize(),
                  asked.getPageToken(),
                  ListHostsRequest.getDefaultInstance());
          ListHostsResponse.Builder answer =
              ListHostsResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items().forEach(host -> answer.addHosts(host(view, host)));
          return answer.build();
        });
  }

  @Override
  public void updateHost(UpdateHostRequest request, StreamObserver<Host> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          Host wanted = asked.getHost();
          new RequestCheck()
              .name("host.name", wanted.getName())
              .mask(asked.getUpdateMask(), Set.of("cordoned", "labels"))
              .labels("host.labels", wanted.getLabelsMap())
              .done();
          Versioned<HostRecord> written =
              Updates.update(
                  records,
                  Keys.host(wanted.getName()),
                  wanted.getEtag(),
                  "host " + wanted.getName(),
                  host -> updated(host, asked),
                  () ->
                      ErrorCode.HOST_NOT_FOUND.exception(
                          "there is no host '%s'".formatted(wanted.getName())));
          return host(records.view(), written);
        });
  }

  private static HostRecord updated(HostRecord host, UpdateHostRequest asked) {
    HostRecord.Builder next = host.toBuilder();
    if (asked.getUpdateMask().getPathsList().contains("cordoned")) {
      next.setCordoned(asked.getHost().getCordoned());
    }
    if (asked.getUpdateMask().getPathsList().contains("labels")) {
      next.getMetaBuilder().clearLabels().putAllLabels(asked.getHost().getLabelsMap());
    }
    return next.build();
  }

  @Override
  public void deleteHost(DeleteHostRequest request, StreamObserver<Operation> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          return removals.remove(asked.getName(), asked.getForce());
        });
  }

  @Override
  public void watchHosts(WatchHostsRequest request, StreamObserver<HostEvent> observer) {
    try {
      UnknownFields.refuse(request);
      records.view();
      WatchStream.open(records.informer(), HostApi::concerns, observer, this::follow);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private static boolean concerns(Key<?> key) {
    return key.kind() == Kind.HOST || key.kind() == Kind.HOST_ALIVE;
  }

  private void follow(Change<?> change, WatchStream<HostEvent> stream) {
    String name = change.key().name();
    View view = records.informer().view();
    Optional<Versioned<HostRecord>> host = view.get(Keys.host(name));
    if (host.isPresent()) {
      stream.offer(name, HostEvent.newBuilder().setHost(host(view, host.get())).build());
    } else if (change.key().kind() == Kind.HOST) {
      stream.offer(
          name,
          HostEvent.newBuilder().setHost(Host.newBuilder().setName(name)).setDeleted(true).build());
    }
  }

  @Override
  public void reportHost(ReportHostRequest request, StreamObserver<ReportHostResponse> observer) {
    // Fields that a newer agent adds are no wishes: they are let through.
    ReportHostResponse answer =
        ReportHostResponse.newBuilder().setHeartbeatInterval(Times.message(heartbeat)).build();
    try {
      reports.take(request);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  private static Host host(View view, Versioned<HostRecord> record) {
    HostRecord stored = record.value();
    String name = stored.getMeta().getName();
    long live =
        CloneLookup.all(view)
            .filter(clone -> clone.value().getAssignment().getHost().equals(name))
            .filter(clone -> CloneRecords.isLive(clone.value()))
            .count();
    return Host.newBuilder()
        .setName(name)
        .putAllLabels(stored.getMeta().getLabelsMap())
        .setCordoned(stored.getCordoned())
        .setAlive(HostViews.alive(view, name).isPresent())
        .setAgentAddress(stored.getAgentAddress())
        .setReport(HostViews.report(view, stored))
        .setCreateTime(stored.getMeta().getCreateTime())
        .setClones((int) live)
        .setEtag(Etags.of(record))
        .build();
  }
}
