package dev.ramet.coordinator.api;

import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.EventServiceGrpc;
import dev.ramet.proto.v1.WatchEventsRequest;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The events' part of the public API. Nothing of it is kept. */
public final class EventApi extends EventServiceGrpc.EventServiceImplBase {
  private final Records records;

  public EventApi(Records records) {
    this.records = records;
  }

  @Override
  public void watchEvents(WatchEventsRequest request, StreamObserver<Event> observer) {
    try {
      UnknownFields.refuse(request);
      long begin = records.view().revision();
      if (request.getFollow()) {
        WatchStream.open(
            records.informer(),
            EventTeller::concerns,
            observer,
            (change, stream) -> follow(change, stream, begin));
      } else {
        WatchStream<Event> stream =
            WatchStream.open(records.informer(), _ -> false, observer, (_, _) -> {});
        records.informer().read(EventTeller::present).forEach(event -> offer(stream, event));
        stream.end();
      }
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  /** What was there when the stream began comes as a change from nothing. */
  private void follow(Change<?> change, WatchStream<Event> stream, long begin) {
    Versioned<?> after = change.after();
    List<Event> events =
        change.before() == null && after != null && after.createRevision() <= begin
            ? EventTeller.present(records.informer().view(), after)
            : EventTeller.changed(records.informer().view(), change, records.now());
    events.forEach(event -> offer(stream, event));
  }

  private static void offer(WatchStream<Event> stream, Event event) {
    stream.offer(
        "%s/%s/%s/%s"
            .formatted(event.getKind(), event.getName(), event.getType(), event.getMessage()),
        event);
  }
}
