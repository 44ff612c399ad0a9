package dev.ramet.coordinator.records;

import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.v1.Warning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** When a clone's time is over, and what is told before it is. Time is an argument. */
public final class Lifetimes {
  public static final String EXPIRES_SOON = "EXPIRES_SOON";
  public static final String PROTECTION_ENDS = "PROTECTION_ENDS";
  public static final String EXPIRY_WAITS = "EXPIRY_WAITS";
  public static final String EXPIRED = "EXPIRED";

  /** A short life is announced in its last tenth. */
  private static final int SHARE = 10;

  private Lifetimes() {}

  /**
   * The earliest end that is set, or the end of its protection where that is later. A server that
   * does not run cannot be said to be idle.
   */
  public static Optional<Instant> expiry(CloneRecord clone) {
    Optional<Instant> end =
        Stream.concat(ttlEnd(clone).stream(), idleEnd(clone).stream()).min(Instant::compareTo);
    return end.map(earliest ->
        protectedUntil(clone).filter(until -> until.isAfter(earliest)).orElse(earliest));
  }

  public static Optional<Instant> ttlEnd(CloneRecord clone) {
    CloneWish wish = clone.getWish();
    return wish.hasExpireTime()
        ? Optional.of(Times.instant(wish.getExpireTime()))
        : Optional.empty();
  }

  public static Optional<Instant> protectedUntil(CloneRecord clone) {
    CloneWish wish = clone.getWish();
    return wish.hasProtectedUntil()
        ? Optional.of(Times.instant(wish.getProtectedUntil()))
        : Optional.empty();
  }

  public static Optional<Duration> idleTtl(CloneRecord clone) {
    CloneWish wish = clone.getWish();
    return wish.hasIdleTtl() ? Optional.of(Times.duration(wish.getIdleTtl())) : Optional.empty();
  }

  /** A clone that was never used is used at its creation. */
  public static Instant lastUsed(CloneRecord clone) {
    CloneStatus status = clone.getStatus();
    if (status.hasLastUsedTime()) {
      return Times.instant(status.getLastUsedTime());
    }
    return Times.instant(
        status.hasReadyTime() ? status.getReadyTime() : clone.getMeta().getCreateTime());
  }

  public static boolean isProtected(CloneRecord clone, Instant now) {
    return protectedUntil(clone).filter(now::isBefore).isPresent();
  }

  /** Its ttl is over, and it is not protected. */
  public static boolean isExpired(CloneRecord clone, Instant now) {
    return !isProtected(clone, now) && ttlEnd(clone).filter(end -> !now.isBefore(end)).isPresent();
  }

  /**
   * It was not used for too long, and is not protected. That is known only while somebody asks its
   * server: whoever acts on it has asked just now.
   */
  public static boolean isIdleTooLong(CloneRecord clone, Instant now) {
    return !isProtected(clone, now) && idleEnd(clone).filter(end -> !now.isBefore(end)).isPresent();
  }

  /**
   * What should be told at this time; a warning that stands keeps its time.
   *
   * @param waitsFor its time is over, and it is kept for these, which stand on its saves; empty: it
   *     waits for nobody
   */
  public static List<Warning> warnings(
      CloneRecord clone, Instant now, Duration before, List<String> waitsFor) {
    List<Warning> warnings = new ArrayList<>();
    String name = clone.getMeta().getName();
    Instant begin = Times.instant(clone.getMeta().getCreateTime());
    if (!waitsFor.isEmpty()) {
      warnings.add(
          warning(
              clone,
              EXPIRY_WAITS,
              "the time of clone %s is over; it is deleted when these are, which were made from its saves: %s"
                  .formatted(name, String.join(", ", waitsFor)),
              now));
    }
    expiry(clone)
        .filter(end -> waitsFor.isEmpty() && isNear(begin, end, now, before))
        .ifPresent(end ->
            warnings.add(
                warning(
                    clone,
                    EXPIRES_SOON,
                    "clone %s is deleted at %s: ramet clone extend %s --ttl +4h keeps it"
                        .formatted(name, end, name),
                    now)));
    protectedUntil(clone)
        .filter(now::isBefore)
        .filter(end -> isNear(begin, end, now, before))
        .ifPresent(end ->
            warnings.add(
                warning(
                    clone,
                    PROTECTION_ENDS,
                    "the protection of clone %s ends at %s".formatted(name, end),
                    now)));
    Growths.warning(clone, now).ifPresent(warnings::add);
    return warnings;
  }

  /** When {@link #warnings} or {@link #isExpired} will say something else; empty: never. */
  public static Optional<Instant> next(CloneRecord clone, Instant now, Duration before) {
    Instant begin = Times.instant(clone.getMeta().getCreateTime());
    return Stream.of(expiry(clone), protectedUntil(clone))
        .flatMap(Optional::stream)
        .flatMap(end -> Stream.of(end, announced(begin, end, before)))
        .filter(now::isBefore)
        .min(Instant::compareTo);
  }

  /** The clone with a last warning that says why it goes. */
  public static CloneRecord expired(CloneRecord clone, Instant now) {
    CloneRecord.Builder next = clone.toBuilder();
    boolean idle =
        idleEnd(clone).filter(end -> ttlEnd(clone).map(end::isBefore).orElse(true)).isPresent();
    String why =
        idle
            ? "it was not used since %s".formatted(lastUsed(clone))
            : "its time was over at %s".formatted(ttlEnd(clone).orElse(now));
    next.getStatusBuilder()
        .addWarnings(
            warning(
                clone,
                EXPIRED,
                "clone %s is deleted: %s".formatted(clone.getMeta().getName(), why),
                now));
    return next.build();
  }

  private static Optional<Instant> idleEnd(CloneRecord clone) {
    return switch (CloneRecords.state(clone)) {
      case STOPPED, OVER_CAP, BROKEN, FAILED -> Optional.empty();
      case PENDING, PROVISIONING, READY, RECOVERING, RESETTING, FAILING, DELETING, GONE ->
          idleTtl(clone).map(lastUsed(clone)::plus);
    };
  }

  private static boolean isNear(Instant begin, Instant end, Instant now, Duration before) {
    return !now.isBefore(announced(begin, end, before));
  }

  private static Instant announced(Instant begin, Instant end, Duration before) {
    Duration share = Duration.between(begin, end).dividedBy(SHARE);
    return end.minus(share.compareTo(before) < 0 ? share : before);
  }

  static Warning warning(CloneRecord clone, String code, String message, Instant now) {
    return clone.getStatus().getWarningsList().stream()
        .filter(told -> told.getCode().equals(code) && told.getMessage().equals(message))
        .findFirst()
        .orElseGet(() ->
            Warning.newBuilder()
                .setCode(code)
                .setMessage(message)
                .setTime(Times.message(now))
                .build());
  }
}
