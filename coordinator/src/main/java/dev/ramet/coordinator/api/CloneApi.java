package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneServiceGrpc;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.DeleteSaveResponse;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.ListConnectionsRequest;
import dev.ramet.proto.v1.ListConnectionsResponse;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.ListSavesResponse;
import dev.ramet.proto.v1.LogLines;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.ReadCloneLogRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.Save;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import dev.ramet.proto.v1.UpdateCloneRequest;
import dev.ramet.proto.v1.WatchCloneRequest;
import dev.ramet.proto.v1.WatchClonesRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The clones' part of the public API. */
public final class CloneApi extends CloneServiceGrpc.CloneServiceImplBase {
  private static final int DEFAULT_TAIL = 100;
  private static final int MAX_TAIL = 100_000;

  private final Records records;
  private final Fleet fleet;
  private final CloneCreation creation;
  private final CloneGuard guard;
  private final CloneWishes wishes;
  private final CloneResets resets;
  private final Saves saves;
  private final CloneConnections connections;

  public CloneApi(Records records, Fleet fleet, Placement placement, LifetimePolicy policy) {
    this.records = records;
    this.fleet = fleet;
    this.saves = new Saves(records);
    this.creation = new CloneCreation(records, placement, policy, saves);
    this.guard = new CloneGuard(records, fleet, policy);
    this.wishes = new CloneWishes(records, guard, policy);
    this.resets = new CloneResets(records, guard, wishes, saves);
    this.connections = new CloneConnections(records, fleet);
  }

  @Override
  public void createClone(CreateCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, creation::create);
  }

  @Override
  public void getClone(GetCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          View view = records.view();
          return CloneMessages.clone(view, CloneLookup.find(view, asked.getName()));
        });
  }

  @Override
  public void listClones(ListClonesRequest request, StreamObserver<ListClonesResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().pageSize(asked.getPageSize()).done();
          View view = records.view();
          List<Versioned<CloneRecord>> all =
              view.list(Kind.CLONE).stream()
                  .filter(clone -> carries(clone.value(), asked))
                  .toList();
          Pages.Cut<Versioned<CloneRecord>> page =
              Pages.cut(
                  all,
                  clone -> clone.key().name(),
                  asked.getPageSize(),
                  asked.getPageToken(),
                  asked.toBuilder().clearPageSize().clearPageToken().build());
          ListClonesResponse.Builder answer =
              ListClonesResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items().forEach(clone -> answer.addClones(CloneMessages.clone(view, clone)));
          return answer.build();
        });
  }

  @Override
  public void updateClone(UpdateCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          Clone wanted = asked.getClone();
          new RequestCheck()
              .name("clone.name", wanted.getName())
              .mask(asked.getUpdateMask(), Set.of("labels"))
              .labels("clone.labels", wanted.getLabelsMap())
              .done();
          Updates.Update<CloneRecord> update =
              clone -> {
                CloneRecord.Builder next = clone.toBuilder();
                next.getMetaBuilder().clearLabels().putAllLabels(wanted.getLabelsMap());
                return next.build();
              };
          Versioned<CloneRecord> written =
              Updates.update(
                  records,
                  Keys.clone(wanted.getName()),
                  wanted.getEtag(),
                  "clone " + wanted.getName(),
                  update,
                  () -> CloneLookup.notFound(records.view(), wanted.getName()));
          return CloneMessages.clone(records.view(), written);
        });
  }

  @Override
  public void deleteClone(DeleteCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          View view = records.view();
          view.get(Keys.clone(asked.getName()))
              .map(Versioned::value)
              .filter(clone -> isMeant(clone, asked) && !clone.getMeta().hasDeleteTime())
              .ifPresent(clone -> refuseDeletion(view, clone, asked.getForce()));
          Optional<Versioned<CloneRecord>> now =
              records.store().modify(Keys.clone(asked.getName()), clone -> doomed(clone, asked));
          Optional<Versioned<CloneRecord>> meant =
              now.filter(clone -> isMeant(clone.value(), asked));
          if (meant.isEmpty()) {
            return Clone.getDefaultInstance();
          }
          records.catchUp(meant.get().modRevision());
          return CloneMessages.clone(view, meant.get());
        });
  }

  @Override
  public void stopClone(StopCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, wishes::stop);
  }

  @Override
  public void startClone(StartCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, wishes::start);
  }

  @Override
  public void restartClone(RestartCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, wishes::restart);
  }

  @Override
  public void extendClone(ExtendCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, wishes::extend);
  }

  @Override
  public void protectClone(ProtectCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, wishes::protect);
  }

  @Override
  public void resetClone(ResetCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, resets::reset);
  }

  @Override
  public void createSave(CreateSaveRequest request, StreamObserver<Save> observer) {
    Answers.answer(request, observer, saves::create);
  }

  @Override
  public void listSaves(ListSavesRequest request, StreamObserver<ListSavesResponse> observer) {
    Answers.answer(request, observer, saves::list);
  }

  @Override
  public void deleteSave(DeleteSaveRequest request, StreamObserver<DeleteSaveResponse> observer) {
    Answers.answer(request, observer, saves::delete);
  }

  @Override
  public void listConnections(
      ListConnectionsRequest request, StreamObserver<ListConnectionsResponse> observer) {
    Answers.answer(request, observer, connections::list);
  }

  private CloneRecord doomed(CloneRecord clone, DeleteCloneRequest asked) {
    if (!isMeant(clone, asked)) {
      return clone;
    }
    return CloneRecords.transition(clone, CloneEvent.DELETE_ASKED)
        .map(row -> CloneRecords.after(clone, row, Optional.empty(), records.now()))
        .orElse(clone);
  }

  private void refuseDeletion(View view, CloneRecord clone, boolean force) {
    List<String> branches =
        SaveRecords.of(view, clone).stream()
            .flatMap(save -> SaveRecords.branches(view, save.value()).stream())
            .filter(name -> !name.equals(clone.getMeta().getName()))
            .toList();
    if (!branches.isEmpty()) {
      throw ErrorCode.CLONE_HAS_BRANCHES.exception(
          "these clones were made from saves of clone %s: %s; delete them first"
              .formatted(clone.getMeta().getName(), Rejections.listed(branches, "")));
    }
    guard.require(clone, force, "deleted");
  }

  private static boolean isMeant(CloneRecord clone, DeleteCloneRequest asked) {
    return asked.getUid().isEmpty() || asked.getUid().equals(clone.getMeta().getUid());
  }

  @Override
  public void watchClone(
      WatchCloneRequest request, StreamObserver<dev.ramet.proto.v1.CloneEvent> observer) {
    try {
      UnknownFields.refuse(request);
      new RequestCheck().name("name", request.getName()).done();
      Versioned<CloneRecord> first = CloneLookup.find(records.view(), request.getName());
      WatchStream<dev.ramet.proto.v1.CloneEvent> opened =
          WatchStream.open(
              records.informer(),
              key ->
                  key.equals(first.key())
                      || key.equals(Keys.hostAlive(first.value().getAssignment().getHost())),
              observer,
              (change, stream) -> followOne(change, stream, first));
      if (records.informer().view().get(first.key()).isEmpty()) {
        // deleted between the look-up and the subscription: no change will tell
        opened.offer(first.key().name(), CloneMessages.gone(first.value()));
        opened.end();
      }
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private void followOne(
      Change<?> change,
      WatchStream<dev.ramet.proto.v1.CloneEvent> stream,
      Versioned<CloneRecord> first) {
    String name = first.key().name();
    View view = records.informer().view();
    if (change.key().equals(first.key())) {
      Optional<Versioned<CloneRecord>> now =
          view.get(first.key())
              .filter(clone ->
                  clone.value().getMeta().getUid().equals(first.value().getMeta().getUid()));
      if (now.isPresent()) {
        stream.offer(name, CloneMessages.event(view, now.get()));
      } else {
        stream.offer(name, CloneMessages.gone(first.value()));
        stream.end();
      }
    } else if (HostChanges.cameOrWent(change)) {
      view.get(first.key())
          .ifPresent(clone -> stream.offer(name, CloneMessages.event(view, clone)));
    }
  }

  @Override
  public void watchClones(
      WatchClonesRequest request, StreamObserver<dev.ramet.proto.v1.CloneEvent> observer) {
    try {
      UnknownFields.refuse(request);
      records.view();
      WatchStream.open(
          records.informer(),
          key -> key.kind() == Kind.CLONE || key.kind() == Kind.HOST_ALIVE,
          observer,
          this::followAll);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private void followAll(Change<?> change, WatchStream<dev.ramet.proto.v1.CloneEvent> stream) {
    View view = records.informer().view();
    if (change.key().kind() == Kind.CLONE) {
      Changes.clone(change.before())
          .filter(before -> !sameUid(before, change))
          .ifPresent(before -> stream.offer(before.getMeta().getUid(), CloneMessages.gone(before)));
      view.get(Keys.clone(change.key().name()))
          .ifPresent(clone ->
              stream.offer(clone.value().getMeta().getUid(), CloneMessages.event(view, clone)));
    } else if (HostChanges.cameOrWent(change)) {
      view.list(Kind.CLONE).stream()
          .filter(clone -> clone.value().getAssignment().getHost().equals(change.key().name()))
          .forEach(clone ->
              stream.offer(clone.value().getMeta().getUid(), CloneMessages.event(view, clone)));
    }
  }

  private static boolean sameUid(CloneRecord before, Change<?> change) {
    return Changes.clone(change.after())
        .map(after -> after.getMeta().getUid().equals(before.getMeta().getUid()))
        .orElse(false);
  }

  @Override
  public void readCloneLog(ReadCloneLogRequest request, StreamObserver<LogLines> observer) {
    ServerCallStreamObserver<LogLines> out = (ServerCallStreamObserver<LogLines>) observer;
    PacedStream<LogLines> stream = PacedStream.open(out);
    // A call's own thread must end before its handlers run, and this one stays as long as it
    // follows.
    Thread.startVirtualThread(() -> sendLog(request, out, stream));
  }

  private void sendLog(
      ReadCloneLogRequest request,
      ServerCallStreamObserver<LogLines> out,
      PacedStream<LogLines> stream) {
    try {
      UnknownFields.refuse(request);
      new RequestCheck()
          .name("name", request.getName())
          .require(
              request.getTailLines() >= 0 && request.getTailLines() <= MAX_TAIL,
              "tail_lines",
              "is not within 0 and %d".formatted(MAX_TAIL))
          .done();
      View view = records.view();
      CloneRecord clone = CloneLookup.find(view, request.getName()).value();
      int tail = request.getTailLines() == 0 ? DEFAULT_TAIL : request.getTailLines();
      agent(view, clone.getAssignment().getHost())
          .readLog(
              clone.getAssignment().getVolume(),
              tail,
              request.getFollow(),
              lines -> stream.send(LogLines.newBuilder().addAllLines(lines).build()),
              stream.cancellation());
      out.onCompleted();
    } catch (RuntimeException error) {
      if (!out.isCancelled()) {
        out.onError(StatusMapping.status(error));
      }
    }
  }

  private Agent agent(View view, String host) {
    return view.get(Keys.host(host))
        .map(record -> fleet.reader(record.value().getAgentAddress()))
        .orElseThrow(
            () -> ErrorCode.HOST_LOST.exception("host %s is not recorded".formatted(host)));
  }

  private static boolean carries(CloneRecord clone, ListClonesRequest asked) {
    return clone.getMeta().getLabelsMap().entrySet().containsAll(asked.getLabelsMap().entrySet());
  }
}
