package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageLifetime;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long clones of one image may live, on a server that allows ten days. */
@Timeout(60)
class ImageLifetimesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final List<String> ALL =
      List.of("default_ttl", "max_ttl", "default_idle_ttl", "max_idle_ttl", "max_protect");

  private static CoordinatorLab lab;

  @BeforeAll
  static void open() throws InterruptedException {
    lab =
        new CoordinatorLab(
            etcd,
            new LifetimePolicy(
                Duration.ofDays(2),
                Duration.ofDays(10),
                Duration.ZERO,
                Duration.ofDays(5),
                Duration.ofDays(4),
                Duration.ofMinutes(5)));
    var unused = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  @AfterEach
  void unset() {
    var unused = set(ImageLifetime.newBuilder(), ALL);
    if (lab.find("c").isPresent()) {
      var deleted =
          lab.clones()
              .deleteClone(DeleteCloneRequest.newBuilder().setName("c").setForce(true).build());
      lab.awaitGone("c");
    }
  }

  private static com.google.protobuf.Duration hours(long hours) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(hours * 3600).build();
  }

  private static Image set(ImageLifetime.Builder lifetime, List<String> fields) {
    return lab.images()
        .updateImage(
            UpdateImageRequest.newBuilder()
                .setImage(Image.newBuilder().setName("app").setLifetime(lifetime))
                .setUpdateMask(
                    FieldMask.newBuilder()
                        .addAllPaths(fields.stream().map("lifetime."::concat).toList()))
                .build());
  }

  private static Clone create(Lifetime.Builder lifetime) {
    return lab.clones()
        .createClone(
            CreateCloneRequest.newBuilder()
                .setName("c")
                .setSpec(CloneSpec.newBuilder().setImage("app"))
                .setLifetime(lifetime)
                .build());
  }

  private static long hoursOf(Clone clone) {
    return Math.round(
        (clone.getExpireTime().getSeconds() - clone.getCreateTime().getSeconds()) / 3600.0);
  }

  private static void assertSaysNo(StatusRuntimeException error, String... words) {
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(error.getStatus().getDescription()).contains(words);
  }

  @Test
  void anImagesDefaultsHoldWhereNobodySaysOtherwise() {
    assertThat(
            set(
                    ImageLifetime.newBuilder()
                        .setDefaultTtl(hours(8))
                        .setDefaultIdleTtl(hours(2))
                        .setMaxTtl(hours(99)),
                    List.of("default_ttl", "default_idle_ttl"))
                .getLifetime())
        .as("what the mask does not name stays")
        .isEqualTo(
            ImageLifetime.newBuilder().setDefaultTtl(hours(8)).setDefaultIdleTtl(hours(2)).build());
    Clone clone = create(Lifetime.newBuilder());
    assertThat(clone.getIdleTtl()).isEqualTo(hours(2));
    assertThat(
            lab.clones()
                .extendClone(
                    ExtendCloneRequest.newBuilder()
                        .setName("c")
                        .setTtl(hours(8))
                        .setIdleTtl(hours(100))
                        .build())
                .getIdleTtl())
        .isEqualTo(hours(100));
  }

  @Test
  void aMaximumIsTheDefaultTooWhereItIsLess() {
    var unused = set(ImageLifetime.newBuilder().setMaxTtl(hours(12)), List.of("max_ttl"));
    var longer = set(ImageLifetime.newBuilder().setMaxIdleTtl(hours(13)), List.of("max_idle_ttl"));
    Clone clone = create(Lifetime.newBuilder());
    assertThat(hoursOf(clone)).isEqualTo(12);
    assertThat(clone.getIdleTtl()).isEqualTo(hours(13));
  }

  @Test
  void nobodyAsksForMoreThanTheImageAllows() {
    var unused =
        set(
            ImageLifetime.newBuilder()
                .setMaxTtl(hours(12))
                .setMaxIdleTtl(hours(3))
                .setMaxProtect(hours(6)),
            List.of("max_ttl", "max_idle_ttl", "max_protect"));
    assertSaysNo(
        refused(() ->
            create(
                Lifetime.newBuilder().setTtl(hours(13)).setIdleTtl(hours(4)).setProtect(hours(7)))),
        "lifetime.ttl: 13h is more than the 12h that image app allows",
        "lifetime.idle_ttl: 4h is more than the 3h that image app allows",
        "lifetime.protect: 7h is more than the 6h that image app allows");
    assertThat(hoursOf(create(Lifetime.newBuilder().setTtl(hours(12))))).as("idle").isEqualTo(3);
    ExtendCloneRequest.Builder extend = ExtendCloneRequest.newBuilder().setName("c");
    assertSaysNo(
        refused(() -> lab.clones().extendClone(extend.clone().setAddTtl(hours(5)).build())),
        "that image app allows");
    assertSaysNo(
        refused(() -> lab.clones().extendClone(extend.clone().setForever(true).build())),
        "forever: none is not possible: image app allows 12h at most");
    assertSaysNo(
        refused(() -> lab.clones().extendClone(extend.clone().setIdleTtl(hours(0)).build())),
        "idle_ttl: none is not possible: image app allows 3h at most");
    assertSaysNo(
        refused(() ->
            lab.clones()
                .protectClone(
                    ProtectCloneRequest.newBuilder().setName("c").setDuration(hours(7)).build())),
        "duration: 7h is more than the 6h that image app allows");
  }

  @Test
  void theServerIsTheOuterBound() {
    assertSaysNo(
        refused(() ->
            set(
                ImageLifetime.newBuilder()
                    .setMaxTtl(hours(241))
                    .setMaxIdleTtl(hours(121))
                    .setMaxProtect(hours(97)),
                ALL)),
        "image.lifetime.max_ttl: 10d1h is more than the 10d that this server allows",
        "image.lifetime.max_idle_ttl: 5d1h is more than the 5d that this server allows",
        "image.lifetime.max_protect: 4d1h is more than the 4d that this server allows");
    assertSaysNo(
        refused(() ->
            set(
                ImageLifetime.newBuilder().setDefaultTtl(hours(13)).setMaxTtl(hours(12)),
                List.of("default_ttl", "max_ttl"))),
        "image.lifetime.default_ttl: 13h is more than the 12h that image app allows");
    assertSaysNo(
        refused(() -> create(Lifetime.newBuilder().setTtl(hours(241)))),
        "10d1h is more than the 10d that this server allows");
    assertThat(hoursOf(create(Lifetime.newBuilder()))).as("the server's default").isEqualTo(48);
  }

  @Test
  void aLengthThatIsNegativeIsRefused() {
    assertSaysNo(
        refused(() -> set(ImageLifetime.newBuilder().setMaxTtl(hours(-1)), List.of("max_ttl"))),
        "image.lifetime.max_ttl: is negative");
  }
}
