package dev.ramet.coordinator.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.LifetimeRules;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageLifetime;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WarmPool;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What may be changed of an image. */
final class ImageUpdates {
  private static final int MAX_DESCRIPTION = 2000;
  private static final int MAX_WARM = 100;
  private static final String LIFETIME = "lifetime.";
  private static final List<FieldDescriptor> LIFETIME_FIELDS =
      ImageLifetime.getDescriptor().getFields();

  private static final Set<String> UPDATABLE =
      Stream.concat(
              Stream.of("description", "labels", "warm"),
              LIFETIME_FIELDS.stream().map(ImageUpdates::path))
          .collect(Collectors.toUnmodifiableSet());

  private final Records records;
  private final LifetimePolicy policy;

  ImageUpdates(Records records, LifetimePolicy policy) {
    this.records = records;
    this.policy = policy;
  }

  Image update(UpdateImageRequest asked) {
    Image wanted = asked.getImage();
    RequestCheck check =
        new RequestCheck()
            .name("image.name", wanted.getName())
            .mask(asked.getUpdateMask(), UPDATABLE)
            .labels("image.labels", wanted.getLabelsMap())
            .plainText("image.description", wanted.getDescription(), MAX_DESCRIPTION);
    LIFETIME_FIELDS.forEach(field ->
        check.require(
            !length(wanted.getLifetime(), field).isNegative(),
            "image." + path(field),
            "is negative"));
    checkWarm(check, wanted.getWarm());
    check.done();
    Versioned<ImageRecord> written =
        Updates.update(
            records,
            Keys.image(wanted.getName()),
            wanted.getEtag(),
            "image " + wanted.getName(),
            image -> updated(image, asked),
            () ->
                ErrorCode.IMAGE_NOT_FOUND.exception(
                    "there is no image '%s'".formatted(wanted.getName())));
    return ImageMessages.image(records.view(), written, records.now());
  }

  private ImageRecord updated(ImageRecord image, UpdateImageRequest asked) {
    Image wanted = asked.getImage();
    ImageRecord.Builder next = image.toBuilder();
    for (String path : asked.getUpdateMask().getPathsList()) {
      switch (path) {
        case "description" -> next.setDescription(wanted.getDescription());
        case "warm" -> setWarm(next, wanted.getWarm());
        case "labels" -> next.getMetaBuilder().clearLabels().putAllLabels(wanted.getLabelsMap());
        default -> set(next.getLifetimeBuilder(), wanted.getLifetime(), path);
      }
    }
    if (!next.getLifetime().equals(image.getLifetime())) {
      requirePossible(wanted.getName(), next.getLifetime());
    }
    if (next.getLifetime().equals(ImageLifetime.getDefaultInstance())) {
      next.clearLifetime();
    }
    return next.build();
  }

  private static void checkWarm(RequestCheck check, WarmPool warm) {
    check
        .require(
            warm.getMin() >= 0 && warm.getMin() <= MAX_WARM,
            "image.warm.min",
            "%d is not within 0 and %d".formatted(warm.getMin(), MAX_WARM))
        .require(
            warm.getMax() == 0 || (warm.getMax() >= warm.getMin() && warm.getMax() <= MAX_WARM),
            "image.warm.max",
            "%d is not within %d and %d".formatted(warm.getMax(), warm.getMin(), MAX_WARM));
  }

  private static void setWarm(ImageRecord.Builder next, WarmPool warm) {
    if (warm.getMin() > 0 || warm.getMax() > 0) {
      next.setWarm(WarmPool.newBuilder().setMin(warm.getMin()).setMax(warm.getMax()));
    } else {
      next.clearWarm();
    }
  }

  private static void set(ImageLifetime.Builder next, ImageLifetime wanted, String path) {
    FieldDescriptor field =
        ImageLifetime.getDescriptor().findFieldByName(path.substring(LIFETIME.length()));
    if (length(wanted, field).isZero()) {
      next.clearField(field);
    } else {
      next.setField(field, wanted.getField(field));
    }
  }

  /** Nothing is taken that would have no effect. */
  private void requirePossible(String image, ImageLifetime next) {
    LifetimeRules server = LifetimeRules.of(policy, image, ImageLifetime.getDefaultInstance());
    LifetimeRules rules = LifetimeRules.of(policy, image, next);
    new RequestCheck()
        .within(server.ttl(), "image.lifetime.max_ttl", Times.duration(next.getMaxTtl()))
        .within(
            server.idleTtl(), "image.lifetime.max_idle_ttl", Times.duration(next.getMaxIdleTtl()))
        .within(
            server.protection(), "image.lifetime.max_protect", Times.duration(next.getMaxProtect()))
        .within(rules.ttl(), "image.lifetime.default_ttl", Times.duration(next.getDefaultTtl()))
        .within(
            rules.idleTtl(),
            "image.lifetime.default_idle_ttl",
            Times.duration(next.getDefaultIdleTtl()))
        .done();
  }

  private static Duration length(ImageLifetime lifetime, FieldDescriptor field) {
    return Times.duration((com.google.protobuf.Duration) lifetime.getField(field));
  }

  private static String path(FieldDescriptor field) {
    return LIFETIME + field.getName();
  }
}
