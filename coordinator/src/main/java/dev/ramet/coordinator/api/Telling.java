package dev.ramet.coordinator.api;

import com.google.protobuf.Timestamp;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The events of one change, being collected.
 *
 * <p>Where it tells of what was so before, what the records date has its time, the rest has none.
 */
final class Telling {
  private final String name;
  private final Optional<Instant> now;
  private final List<Event> events = new ArrayList<>();

  private Telling(String name, Optional<Instant> now) {
    this.name = name;
    this.now = now;
  }

  /** Of what happens to the thing of this name. */
  static Telling change(String name, Instant now) {
    return new Telling(name, Optional.of(now));
  }

  /** Of what is so with it. */
  static Telling present(String name) {
    return new Telling(name, Optional.empty());
  }

  Telling add(EventType type, String message) {
    return add(type, Timestamp.getDefaultInstance(), message, "");
  }

  /** At a time that a record gives; the default instance: it gives none. */
  Telling add(EventType type, Timestamp time, String message) {
    return add(type, time, message, "");
  }

  Telling add(EventType type, Failure failure) {
    return add(type, Timestamp.getDefaultInstance(), failure.getMessage(), failure.getCode());
  }

  Telling add(EventType type, Timestamp time, String message, String code) {
    Event.Builder event =
        Event.newBuilder()
            .setKind(type.kind())
            .setName(name)
            .setType(type.name())
            .setMessage(message)
            .setCode(code)
            .setPresent(now.isEmpty());
    if (!time.equals(Timestamp.getDefaultInstance())) {
      event.setTime(time);
    } else {
      now.map(Times::message).ifPresent(event::setTime);
    }
    events.add(event.build());
    return this;
  }

  List<Event> events() {
    return List.copyOf(events);
  }
}
