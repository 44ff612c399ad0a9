package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.StartOrder;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.secret.Passwords;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.CloneSpec;
import java.util.Map;

/** What records mean for a host. */
final class Orders {
  private Orders() {}

  /**
   * To start an instance of the clone.
   *
   * @param volume the clone's present one, or another that is to take its place
   * @param port 0: reached by nobody, to see whether it comes up
   * @param recovery its data are not new: it may take long
   */
  static StartOrder start(CloneRecord clone, String volume, int port, boolean recovery) {
    CloneAssignment place = clone.getAssignment();
    CloneSpec spec = clone.getSpec();
    return new StartOrder(
        volume,
        place.getData().getEngine(),
        place.getData().getEngineVersion(),
        place.getRuntime(),
        place.getPool(),
        volume,
        place.getAddress(),
        port,
        spec.getEngineOptionsMap(),
        spec.getMemoryLimitBytes(),
        spec.getCpuLimitMillis(),
        place.getUser(),
        new Secret(place.getPassword()),
        Map.of("clone", clone.getMeta().getName(), "image", place.getImage()),
        recovery);
  }

  /**
   * To start a server once on a volume that a revision is built in, reached by nobody. Its user is
   * the clones'; each of them gets a password of its own.
   */
  static StartOrder settle(RevisionRecord revision, String volume) {
    return new StartOrder(
        volume,
        revision.getEngine(),
        revision.getEngineVersion(),
        revision.getRuntime(),
        revision.getBuildPool(),
        volume,
        "127.0.0.1",
        0,
        Map.of(),
        0,
        0,
        CloneDrafts.USER,
        new Passwords().next(),
        Map.of("image", revision.getImage()),
        true);
  }
}
