package dev.ramet.client;

/** Wire messages of events and of the operators' service to the client's values. */
final class AdminValues {
  private AdminValues() {}

  static Event event(dev.ramet.proto.v1.Event m) {
    return new Event(
        m.hasTime() ? ProtoValues.instant(m.getTime()) : null,
        ProtoValues.known(Event.Kind.class, m.getKind(), Event.Kind.UNKNOWN),
        m.getName(),
        m.getType(),
        m.getMessage(),
        m.getCode(),
        m.getPresent());
  }

  static HostCheck check(dev.ramet.proto.v1.HostCheck m) {
    return new HostCheck(
        m.getHost(),
        m.hasFailure() ? ProtoValues.failure(m.getFailure()) : null,
        m.getThingsList().stream().map(AdminValues::thing).toList(),
        m.getMissingList().stream().map(AdminValues::missing).toList(),
        m.getLeftoversList().stream()
            .map(left -> new HostCheck.Leftover(left.getPool(), left.getName(), left.getReason()))
            .toList(),
        m.getReaping());
  }

  private static HostCheck.Thing thing(dev.ramet.proto.v1.HostThing m) {
    return new HostCheck.Thing(
        kind(m.getKind()),
        m.getId(),
        m.getPool(),
        ProtoValues.known(HostCheck.Standing.class, m.getStanding(), HostCheck.Standing.UNKNOWN),
        m.getOwnBytes(),
        m.hasSince() ? ProtoValues.instant(m.getSince()) : null);
  }

  private static HostCheck.Missing missing(dev.ramet.proto.v1.MissingThing m) {
    return new HostCheck.Missing(kind(m.getKind()), m.getId(), m.getPool(), m.getWantedBy());
  }

  private static HostCheck.Kind kind(dev.ramet.proto.v1.HostThing.Kind kind) {
    return ProtoValues.known(HostCheck.Kind.class, kind, HostCheck.Kind.UNKNOWN);
  }

  static Reap reap(dev.ramet.proto.v1.Reap m) {
    return new Reap(
        m.getHost(),
        m.hasFailure() ? ProtoValues.failure(m.getFailure()) : null,
        m.getDone(),
        m.getRemovedList(),
        m.getKeptList().stream()
            .map(kept -> new Reap.Kept(kept.getId(), kept.getReason()))
            .toList());
  }
}
