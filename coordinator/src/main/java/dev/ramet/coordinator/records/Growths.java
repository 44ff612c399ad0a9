package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Growth;
import dev.ramet.proto.v1.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How much a clone has grown, and may. What it holds beyond its origin counts. Pure. */
public final class Growths {
  public static final String NEAR_CAP = "GROWTH_NEAR_CAP";

  /** From here on its user is told: the agent reads it exactly from here on. */
  private static final double NEAR = 0.8;

  /** Less of a change than this share of the limit is not worth a write. */
  private static final int SHARE = 20;

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Growths() {}

  /** The most that it may hold beyond its origin, bytes; 0: no matter. */
  public static long limit(CloneRecord clone) {
    return clone.getWish().getGrowthLimitBytes();
  }

  /** What it held beyond its origin when that was last written down; 0: not known. */
  public static long bytes(CloneRecord clone) {
    return clone.getStatus().getGrowthBytes();
  }

  /** A clone that holds so much is to be frozen. */
  public static boolean isOver(CloneRecord clone, long bytes) {
    return limit(clone) > 0 && bytes >= limit(clone);
  }

  /** One that was frozen may go on: its limit is above what it holds now, or it has none. */
  public static boolean mayGoOn(CloneRecord clone) {
    return !isOver(clone, bytes(clone));
  }

  /** Whether a reading tells something that the record does not. */
  public static boolean isNews(CloneRecord clone, long bytes) {
    return !clone.getStatus().hasGrowthTime()
        || isNear(clone, bytes) != isNear(clone, bytes(clone))
        || Math.abs(bytes - bytes(clone)) >= Math.max(1, limit(clone) / SHARE);
  }

  /** The clone with a reading of its present volume. */
  public static CloneRecord read(CloneRecord clone, long bytes, Instant now) {
    CloneRecord.Builder next = clone.toBuilder();
    next.getStatusBuilder().setGrowthBytes(bytes).setGrowthTime(Times.message(now));
    return warned(next.build(), now);
  }

  /** The clone with a warning where it is near its limit, and without one where it is not. */
  public static CloneRecord warned(CloneRecord clone, Instant now) {
    CloneRecord.Builder next = clone.toBuilder();
    List<Warning> others =
        clone.getStatus().getWarningsList().stream()
            .filter(warning -> !warning.getCode().equals(NEAR_CAP))
            .toList();
    Optional<Warning> near = warning(clone, now);
    next.getStatusBuilder().clearWarnings().addAllWarnings(others);
    near.ifPresent(next.getStatusBuilder()::addWarnings);
    return next.build();
  }

  /** Why it is frozen, and how its user goes on. */
  public static Fault over(CloneRecord clone, long bytes) {
    String name = clone.getMeta().getName();
    return ErrorCode.CLONE_OVER_CAP.fault(
        "clone %s has grown by %s, may grow by %s, and is frozen until it may grow more: ramet clone extend %s --growth +2G. Or save it, reset it or remove it: ramet clone save|reset|rm %s"
            .formatted(name, size(bytes), size(limit(clone)), name, name));
  }

  static Optional<Warning> warning(CloneRecord clone, Instant now) {
    String name = clone.getMeta().getName();
    return isNear(clone, bytes(clone))
        ? Optional.of(
            Lifetimes.warning(
                clone,
                NEAR_CAP,
                "clone %s has grown by more than 80 %% of the %s that it may, and is frozen when it reaches that: ramet clone extend %s --growth +2G gives it more"
                    .formatted(name, size(limit(clone)), name),
                now))
        : Optional.empty();
  }

  /** For users; empty where it may grow as it likes. */
  public static Optional<Growth> message(CloneRecord clone) {
    if (limit(clone) == 0) {
      return Optional.empty();
    }
    Growth.Builder growth = Growth.newBuilder().setLimitBytes(limit(clone)).setBytes(bytes(clone));
    if (clone.getStatus().hasGrowthTime()) {
      growth.setReadTime(clone.getStatus().getGrowthTime());
    }
    return Optional.of(growth.build());
  }

  /** "1.5 GiB" */
  public static String size(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " " + UNITS[0]
        : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  private static boolean isNear(CloneRecord clone, long bytes) {
    return limit(clone) > 0 && bytes >= limit(clone) * NEAR;
  }
}
