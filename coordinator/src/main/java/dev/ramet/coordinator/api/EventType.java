package dev.ramet.coordinator.api;

import dev.ramet.proto.v1.Event;

/** What can be told of. The names are part of the API: they stay. */
enum EventType {
  CLONE_CREATED(Event.Kind.CLONE),
  CLONE_READY(Event.Kind.CLONE),
  CLONE_DOWN(Event.Kind.CLONE),
  CLONE_FAILED(Event.Kind.CLONE),
  CLONE_OVER_CAP(Event.Kind.CLONE),
  CLONE_STOPPED(Event.Kind.CLONE),
  CLONE_RESETTING(Event.Kind.CLONE),
  CLONE_RESET(Event.Kind.CLONE),
  CLONE_RESET_FAILED(Event.Kind.CLONE),
  CLONE_SAVED(Event.Kind.CLONE),
  CLONE_WARNING(Event.Kind.CLONE),
  CLONE_RENAMED(Event.Kind.CLONE),
  CLONE_DELETING(Event.Kind.CLONE),
  CLONE_GONE(Event.Kind.CLONE),

  IMAGE_CREATED(Event.Kind.IMAGE),
  IMAGE_DELETING(Event.Kind.IMAGE),
  IMAGE_GONE(Event.Kind.IMAGE),
  REVISION_BUILDING(Event.Kind.IMAGE),
  REVISION_READY(Event.Kind.IMAGE),
  REVISION_FAILED(Event.Kind.IMAGE),
  REVISION_DELETING(Event.Kind.IMAGE),
  REVISION_GONE(Event.Kind.IMAGE),
  REPLICA_READY(Event.Kind.IMAGE),
  REPLICA_FAILED(Event.Kind.IMAGE),

  HOST_JOINED(Event.Kind.HOST),
  HOST_ALIVE(Event.Kind.HOST),
  HOST_LOST(Event.Kind.HOST),
  HOST_CORDONED(Event.Kind.HOST),
  HOST_UNCORDONED(Event.Kind.HOST),
  HOST_REMOVING(Event.Kind.HOST),
  HOST_GONE(Event.Kind.HOST),
  POOL_UNHEALTHY(Event.Kind.HOST),
  POOL_HEALTHY(Event.Kind.HOST),
  RUNTIME_LOST(Event.Kind.HOST),
  RUNTIME_BACK(Event.Kind.HOST),
  ORPHANS_FOUND(Event.Kind.HOST),
  ORPHANS_REMOVED(Event.Kind.HOST),

  OPERATION_STARTED(Event.Kind.OPERATION),
  OPERATION_DONE(Event.Kind.OPERATION),
  OPERATION_FAILED(Event.Kind.OPERATION);

  private final Event.Kind kind;

  EventType(Event.Kind kind) {
    this.kind = kind;
  }

  Event.Kind kind() {
    return kind;
  }
}
