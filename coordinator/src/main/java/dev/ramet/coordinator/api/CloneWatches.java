package dev.ramet.coordinator.api;

import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.WatchCloneRequest;
import dev.ramet.proto.v1.WatchClonesRequest;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Tells callers of clones as they change. To be called by the service methods themselves. */
final class CloneWatches {
  private final Records records;
  private final CloneLookup clones;

  CloneWatches(Records records) {
    this.records = records;
    this.clones = new CloneLookup(records);
  }

  /** Of one clone, until it is gone or has another name. */
  void watch(WatchCloneRequest request, StreamObserver<CloneEvent> observer) {
    try {
      UnknownFields.refuse(request);
      new RequestCheck().name("name", request.getName()).done();
      Versioned<CloneRecord> first = clones.find(request.getName(), request.getUid());
      WatchStream<CloneEvent> opened =
          WatchStream.open(
              records.informer(),
              key ->
                  key.equals(first.key())
                      || key.equals(Keys.hostAlive(first.value().getAssignment().getHost())),
              observer,
              (change, stream) -> followOne(change, stream, first));
      if (records.informer().view().get(first.key()).isEmpty()) {
        // deleted between the look-up and the subscription: no change will tell
        opened.offer(first.key().name(), last(records.informer().view(), first.value()));
        opened.end();
      }
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private void followOne(
      Change<?> change, WatchStream<CloneEvent> stream, Versioned<CloneRecord> first) {
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
        stream.offer(name, last(view, first.value()));
        stream.end();
      }
    } else if (HostChanges.cameOrWent(change)) {
      view.get(first.key())
          .ifPresent(clone -> stream.offer(name, CloneMessages.event(view, clone)));
    }
  }

  /** What becomes of a clone that is no longer where it was. */
  private static CloneEvent last(View view, CloneRecord clone) {
    String name = clone.getMeta().getName();
    return CloneRecords.find(view, name, clone.getMeta().getUid())
        .map(renamed -> CloneMessages.renamed(view, renamed, name))
        .orElseGet(() -> CloneMessages.gone(clone));
  }

  /** Of all clones, until the caller leaves. */
  void watchAll(WatchClonesRequest request, StreamObserver<CloneEvent> observer) {
    try {
      UnknownFields.refuse(request);
      records.view();
      WatchStream.open(
          records.informer(),
          key ->
              (key.kind() == Kind.CLONE && !WarmName.is(key.name()))
                  || key.kind() == Kind.HOST_ALIVE,
          observer,
          this::followAll);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private void followAll(Change<?> change, WatchStream<CloneEvent> stream) {
    View view = records.informer().view();
    if (change.key().kind() == Kind.CLONE) {
      Changes.clone(change.before())
          .filter(before -> !sameUid(before, change))
          .ifPresent(before ->
              // by its name, as under the new one it is offered as well
              stream.offer(
                  before.getMeta().getUid() + "/" + before.getMeta().getName(),
                  last(view, before)));
      view.get(Keys.clone(change.key().name()))
          .ifPresent(clone ->
              stream.offer(clone.value().getMeta().getUid(), CloneMessages.event(view, clone)));
    } else if (HostChanges.cameOrWent(change)) {
      CloneLookup.all(view)
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
}
