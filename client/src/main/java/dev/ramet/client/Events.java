package dev.ramet.client;

import dev.ramet.proto.v1.EventServiceGrpc;
import dev.ramet.proto.v1.EventServiceGrpc.EventServiceBlockingStub;
import dev.ramet.proto.v1.WatchEventsRequest;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What happens, with reasons. Thread-safe. Every method may throw {@link RametException}. */
public final class Events {
  private final Connection connection;
  private final EventServiceBlockingStub stub;

  Events(Connection connection, Channel channel) {
    this.connection = connection;
    this.stub = EventServiceGrpc.newBlockingStub(channel);
  }

  /** What is wrong or worth knowing now: failed clones, lost hosts, warnings. */
  public List<Event> now() {
    List<Event> events = new ArrayList<>();
    connection.call(
        stub,
        s -> {
          s.watchEvents(WatchEventsRequest.getDefaultInstance())
              .forEachRemaining(event -> events.add(AdminValues.event(event)));
          return events;
        });
    return events;
  }

  /**
   * The same, then what happens, until the visitor has enough or the thread is interrupted.
   *
   * <p>A stream that breaks is opened again; what is still so then is not told twice, but what
   * happened and passed meanwhile is not told at all: the listener hears of the break.
   *
   * @param enough is given each event, on the calling thread; true: enough
   */
  public void follow(Predicate<Event> enough, WaitListener<Event> listener) {
    WatchEventsRequest request = WatchEventsRequest.newBuilder().setFollow(true).build();
    Told told = new Told();
    connection.watch(
        stub,
        s -> s.watchEvents(request),
        message -> {
          Event event = AdminValues.event(message);
          return told.isNew(event) && enough.test(event);
        },
        Connection.FOREVER,
        "nothing more",
        listener);
  }

  /** What was told of things last, so that a stream that is opened again repeats nothing. */
  private static final class Told {
    private static final int MOST = 10_000;

    private final Map<String, Set<Event>> byThing = new HashMap<>();

    boolean isNew(Event event) {
      String thing = event.kind() + "/" + event.name();
      if (byThing.size() > MOST) {
        byThing.clear();
      }
      Set<Event> before = byThing.computeIfAbsent(thing, none -> new HashSet<>());
      boolean repeated = event.present() && before.stream().anyMatch(event::saysTheSameAs);
      if (!event.present()) {
        before.clear();
      }
      before.add(event);
      return !repeated;
    }
  }
}
