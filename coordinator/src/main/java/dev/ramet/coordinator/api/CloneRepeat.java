package dev.ramet.coordinator.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault.FieldFault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.Lifetime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A create of a name that is there. It is a repeat where it asks for what the first one asked for,
 * or for what the clone has by now; a lifetime or a growth that it leaves open asks for nothing.
 */
final class CloneRepeat {
  private final CloneRecord clone;
  private final CreateCloneRequest request;
  private final List<FieldFault> differences = new ArrayList<>();

  private CloneRepeat(CloneRecord clone, CreateCloneRequest request) {
    this.clone = clone;
    this.request = request;
  }

  /** Refused with CLONE_EXISTS, naming each difference, or with BEING_DELETED. */
  static void require(CloneRecord clone, CreateCloneRequest request) {
    String name = request.getName();
    if (clone.getMeta().hasDeleteTime()) {
      throw ErrorCode.BEING_DELETED.exception(
          "clone %s is being deleted: create it again when it is gone".formatted(name));
    }
    CloneRepeat repeat = new CloneRepeat(clone, request);
    repeat.compareSpec();
    boolean extendable = repeat.differences.isEmpty();
    repeat.compareLife();
    if (!repeat.differences.isEmpty()) {
      throw repeat.refusal(extendable);
    }
  }

  private FaultException refusal(boolean extendable) {
    String name = request.getName();
    String words =
        differences.stream()
            .map(fault -> fault.field() + ": " + fault.problem())
            .collect(Collectors.joining("; "));
    String next =
        extendable
            ? "change that with ramet clone extend %s or protect %s, or take another name"
                .formatted(name, name)
            : "take another name, or delete it first";
    return new FaultException(
        ErrorCode.CLONE_EXISTS
            .fault(
                "there is a clone %s already, of image %s:%d, that differs (%s): %s"
                    .formatted(
                        name,
                        clone.getAssignment().getImage(),
                        clone.getAssignment().getRevision(),
                        words,
                        next))
            .withFields(differences));
  }

  private void compareSpec() {
    for (FieldDescriptor field : CloneSpec.getDescriptor().getFields()) {
      Object has = clone.getSpec().getField(field);
      Object asked = request.getSpec().getField(field);
      if (!has.equals(asked)) {
        differ(
            "spec." + field.getName(),
            field.isMapField() ? "others" : words(field, has),
            field.isMapField() ? "these" : words(field, asked));
      }
    }
    if (!clone.getMeta().getLabelsMap().equals(request.getLabelsMap())) {
      differ("labels", "others", "these");
    }
  }

  private static String words(FieldDescriptor field, Object value) {
    String text = value.toString();
    if (text.isEmpty() || text.equals("0")) {
      return "none";
    }
    return field.getName().endsWith("_bytes") ? Growths.size((Long) value) : text;
  }

  private void compareLife() {
    Lifetime first = clone.getAskedLifetime();
    Lifetime asked = request.getLifetime();
    if (asked.hasTtl() && !asked.getTtl().equals(first.getTtl())) {
      compare("lifetime.ttl", Lifetimes.ttlEnd(clone).map(this::length), asked.getTtl());
    }
    if (asked.hasIdleTtl() && !asked.getIdleTtl().equals(first.getIdleTtl())) {
      compare("lifetime.idle_ttl", Lifetimes.idleTtl(clone), asked.getIdleTtl());
    }
    if (asked.hasProtect() && !asked.getProtect().equals(first.getProtect())) {
      compare(
          "lifetime.protect",
          Lifetimes.protectedUntil(clone).map(this::length),
          asked.getProtect());
    }
    long growth = request.getGrowthLimitBytes();
    if (growth > 0
        && growth != clone.getAskedGrowthLimitBytes()
        && growth != Growths.limit(clone)) {
      long limit = Growths.limit(clone);
      differ("growth_limit_bytes", limit == 0 ? "none" : Growths.size(limit), Growths.size(growth));
    }
  }

  private void compare(String field, Optional<Duration> has, com.google.protobuf.Duration asked) {
    Duration wanted = Times.duration(asked);
    if (!has.equals(Optional.of(wanted))) {
      differ(field, has.map(Durations::text).orElse("none"), Durations.text(wanted));
    }
  }

  /** Since its creation. */
  private Duration length(Instant end) {
    return Duration.between(Times.instant(clone.getMeta().getCreateTime()), end);
  }

  private void differ(String field, String has, String asked) {
    differences.add(new FieldFault(field, "it has %s, not %s".formatted(has, asked)));
  }
}
