package dev.ramet.coordinator.api;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
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
import dev.ramet.proto.v1.RenameCloneRequest;
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
import java.util.Set;

/** The clones' part of the public API. */
public final class CloneApi extends CloneServiceGrpc.CloneServiceImplBase {
  private static final int DEFAULT_TAIL = 100;
  private static final int MAX_TAIL = 100_000;

  private final Records records;
  private final Agents agents;
  private final CloneCreation creation;
  private final CloneRename renaming;
  private final CloneDeletion deletion;
  private final CloneWishes wishes;
  private final CloneResets resets;
  private final Saves saves;
  private final CloneConnections connections;
  private final CloneWatches watches;

  public CloneApi(
      Records records,
      Fleet fleet,
      Arrays arrays,
      Placement placement,
      LifetimePolicy policy,
      GrowthPolicy growth) {
    this.records = records;
    this.agents = new Agents(fleet, arrays);
    CloneGuard guard = new CloneGuard(records, agents, policy);
    this.creation = new CloneCreation(records, agents, placement, policy, growth);
    this.renaming = new CloneRename(records);
    this.deletion = new CloneDeletion(records, guard);
    this.wishes = new CloneWishes(records, guard, policy, growth);
    this.resets = new CloneResets(records, guard, wishes);
    this.saves = new Saves(records, new OwnBytes(agents));
    this.connections = new CloneConnections(records, agents);
    this.watches = new CloneWatches(records);
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
          Versioned<CloneRecord> clone = new CloneLookup(records).find(asked.getName());
          return CloneMessages.clone(records.view(), clone);
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
              CloneLookup.all(view).filter(clone -> carries(clone.value(), asked)).toList();
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
  public void renameClone(RenameCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, renaming::rename);
  }

  @Override
  public void deleteClone(DeleteCloneRequest request, StreamObserver<Clone> observer) {
    Answers.answer(request, observer, deletion::delete);
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

  @Override
  public void watchClone(WatchCloneRequest request, StreamObserver<CloneEvent> observer) {
    watches.watch(request, observer);
  }

  @Override
  public void watchClones(WatchClonesRequest request, StreamObserver<CloneEvent> observer) {
    watches.watchAll(request, observer);
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
      agents
          .of(view, clone.getAssignment().getHost())
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

  private static boolean carries(CloneRecord clone, ListClonesRequest asked) {
    return clone.getMeta().getLabelsMap().entrySet().containsAll(asked.getLabelsMap().entrySet());
  }
}
