package dev.ramet.coordinator.records;

import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.v1.WarmPool;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The warm pools by the records: a warm clone is a clone's record like all others, under a {@link
 * dev.ramet.coordinator.names.WarmName}, until a claim puts it under its user's name.
 */
public final class WarmPools {
  private static final Duration DEMAND = Duration.ofMinutes(10);

  private WarmPools() {}

  /** All warm clones of an image that are not to go, of whatever revision, in whatever state. */
  public static List<Versioned<CloneRecord>> of(View view, String image) {
    return view.list(Kind.CLONE).stream()
        .filter(clone -> CloneRecords.isWarm(clone.value()))
        .filter(clone -> clone.value().getAssignment().getImage().equals(image))
        .filter(clone -> !clone.value().getMeta().hasDeleteTime())
        .toList();
  }

  /** Those of one revision that can be claimed, as far as the records know. */
  public static List<Versioned<CloneRecord>> ready(View view, String image, long revision) {
    return of(view, image).stream()
        .filter(clone -> clone.value().getAssignment().getRevision() == revision)
        .filter(clone -> CloneRecords.state(clone.value()) == CloneState.READY)
        .filter(clone -> HostViews.isOpen(view, clone.value().getAssignment().getHost()))
        .toList();
  }

  /**
   * How many are to wait: the least that was asked for, and up to the most as many as clones of the
   * image were created lately and are still there.
   */
  public static int wanted(View view, ImageRecord image, Instant now) {
    WarmPool pool = image.getWarm();
    if (pool.getMax() <= pool.getMin()) {
      return pool.getMin();
    }
    Instant since = now.minus(DEMAND);
    long created =
        view.list(Kind.CLONE).stream()
            .map(Versioned::value)
            .filter(clone -> !CloneRecords.isWarm(clone))
            .filter(clone -> clone.getAssignment().getImage().equals(image.getMeta().getName()))
            .filter(clone -> Times.instant(clone.getMeta().getCreateTime()).isAfter(since))
            .limit(pool.getMax())
            .count();
    return Math.max(pool.getMin(), (int) created);
  }
}
