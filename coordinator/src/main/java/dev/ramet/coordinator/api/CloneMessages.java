package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.Endpoint;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Clones as users see them. */
final class CloneMessages {
  private CloneMessages() {}

  static Clone clone(View view, Versioned<CloneRecord> record) {
    CloneRecord stored = record.value();
    Meta meta = stored.getMeta();
    CloneAssignment place = stored.getAssignment();
    CloneStatus status = stored.getStatus();
    Clone.Builder clone =
        Clone.newBuilder()
            .setName(meta.getName())
            .setUid(meta.getUid())
            .putAllLabels(meta.getLabelsMap())
            .setSpec(stored.getSpec())
            .setState(CloneRecords.shown(CloneRecords.state(stored)))
            .setImage(place.getImage())
            .setRevision(place.getRevision())
            .setHost(place.getHost())
            .setRuntime(place.getRuntime())
            .setDatabase(place.getData().getDatabase())
            .setUser(place.getUser())
            .addAllTimings(status.getStepsList())
            .setPlacement(place.getPlacement())
            .setCreateTime(meta.getCreateTime())
            .setEtag(Etags.of(record))
            .setHostLost(HostViews.alive(view, place.getHost()).isEmpty());
    addLife(view, clone, stored);
    if (status.hasFailure()) {
      clone.setFailure(status.getFailure());
    }
    if (status.hasReadyTime()) {
      clone
          .setReadyTime(status.getReadyTime())
          .setTotalTime(Times.message(Duration.ofNanos(status.getTotalNanos())))
          .setEndpoint(Endpoint.newBuilder().setHost(place.getAddress()).setPort(place.getPort()))
          .setPassword(place.getPassword())
          .setUrl(url(place));
    }
    return clone.build();
  }

  private static void addLife(View view, Clone.Builder clone, CloneRecord stored) {
    CloneStatus status = stored.getStatus();
    clone
        .setReconciling(status.getObservedGeneration() != stored.getMeta().getGeneration())
        .setOrigin(SaveRecords.origin(view, stored))
        .setWarm(stored.getAssignment().getWarm())
        .addAllWarnings(status.getWarningsList());
    Lifetimes.expiry(stored).map(Times::message).ifPresent(clone::setExpireTime);
    if (stored.getWish().hasIdleTtl()) {
      clone
          .setIdleTtl(stored.getWish().getIdleTtl())
          .setLastUsedTime(Times.message(Lifetimes.lastUsed(stored)));
    }
    if (stored.getWish().hasProtectedUntil()) {
      clone.setProtectedUntil(stored.getWish().getProtectedUntil());
    }
    Growths.message(stored).ifPresent(clone::setGrowth);
    if (status.hasLastReset()) {
      clone.setLastReset(status.getLastReset());
    }
  }

  static CloneEvent event(View view, Versioned<CloneRecord> record) {
    return CloneEvent.newBuilder().setClone(clone(view, record)).build();
  }

  /** It has another name than this one from now on. */
  static CloneEvent renamed(View view, Versioned<CloneRecord> record, String formerName) {
    return event(view, record).toBuilder().setFormerName(formerName).build();
  }

  static CloneEvent gone(CloneRecord record) {
    return CloneEvent.newBuilder()
        .setClone(
            Clone.newBuilder()
                .setName(record.getMeta().getName())
                .setUid(record.getMeta().getUid()))
        .setDeleted(true)
        .build();
  }

  private static String url(CloneAssignment place) {
    String host =
        place.getAddress().contains(":") ? "[" + place.getAddress() + "]" : place.getAddress();
    return "%s://%s:%s@%s:%d/%s"
        .formatted(
            place.getData().getEngine(),
            place.getUser(),
            place.getPassword(),
            host,
            place.getPort(),
            percentEncoded(place.getData().getDatabase()));
  }

  private static String percentEncoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
