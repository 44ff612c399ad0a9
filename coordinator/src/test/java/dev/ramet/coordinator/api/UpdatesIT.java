package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.detail;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import com.google.rpc.BadRequest;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.GetHostRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What may be updated in images and hosts, by whom; clones are in {@link ApiIT}. */
@Timeout(60)
class UpdatesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static CoordinatorLab lab;
  private static FakeAgent host;

  @BeforeAll
  static void open() throws InterruptedException {
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  private static Image image() {
    return lab.images().getImage(GetImageRequest.newBuilder().setName("app").build());
  }

  private static Host host() {
    return lab.hosts().getHost(GetHostRequest.newBuilder().setName("host-a").build());
  }

  private static Image update(Image.Builder image, String... paths) {
    return lab.images()
        .updateImage(
            UpdateImageRequest.newBuilder().setImage(image).setUpdateMask(mask(paths)).build());
  }

  private static Host update(Host.Builder host, String... paths) {
    return lab.hosts()
        .updateHost(
            UpdateHostRequest.newBuilder().setHost(host).setUpdateMask(mask(paths)).build());
  }

  private static FieldMask mask(String... paths) {
    return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
  }

  @Test
  void whatTheMaskNamesIsChangedAndNothingElse() {
    update(
        Image.newBuilder().setName("app").setDescription("the shop").putLabels("a", "1"),
        "description",
        "labels");
    Image described =
        update(Image.newBuilder().setName("app").setDescription("a shop"), "description");
    assertThat(described.getDescription()).isEqualTo("a shop");
    assertThat(described.getLabelsMap()).containsExactlyEntriesOf(Map.of("a", "1"));
    Image labelled =
        update(
            Image.newBuilder()
                .setName("app")
                .setDescription("unheard")
                .setEngine("mysql")
                .setLatest(9)
                .putLabels("b", "2"),
            "labels");
    assertThat(labelled.getLabelsMap())
        .as("labels are replaced")
        .containsExactlyEntriesOf(Map.of("b", "2"));
    assertThat(labelled.getDescription()).isEqualTo("a shop");
    assertThat(labelled.getEngine()).isEqualTo("postgres");
    assertThat(labelled.getLatest()).isOne();
    assertThat(image()).isEqualTo(labelled);
  }

  @Test
  void aHostsLabelsAndItsCordonAreUpdatedApart() {
    Host labelled =
        update(
            Host.newBuilder().setName("host-a").setCordoned(true).putLabels("disk", "fast"),
            "labels");
    assertThat(labelled.getLabelsMap()).containsExactlyEntriesOf(Map.of("disk", "fast"));
    assertThat(labelled.getCordoned()).isFalse();
    Host cordoned =
        update(
            Host.newBuilder().setName("host-a").setCordoned(true).putLabels("x", "y"), "cordoned");
    assertThat(cordoned.getCordoned()).isTrue();
    assertThat(cordoned.getLabelsMap()).containsExactlyEntriesOf(Map.of("disk", "fast"));
    lab.report(host);
    assertThat(host().getLabelsMap())
        .as("the agent's report does not undo it")
        .containsExactlyEntriesOf(Map.of("disk", "fast"));
    assertThat(host().getCordoned()).isTrue();
    Host back = update(Host.newBuilder().setName("host-a"), "cordoned", "labels");
    assertThat(back.getCordoned()).isFalse();
    assertThat(back.getLabelsMap()).isEmpty();
  }

  @Test
  void whatIsNotToBeUpdatedIsRefusedWithWhatIs() {
    Image before = image();
    for (String path : List.of("name", "engine", "latest", "revisions", "etag", "Labels", "*")) {
      StatusRuntimeException error =
          refused(() -> update(Image.newBuilder().setName("app"), "labels", path));
      assertMaskRefused(error);
      assertThat(error.getStatus().getDescription())
          .contains(path, "description, labels", "lifetime.max_ttl");
    }
    assertMaskRefused(refused(() -> update(Image.newBuilder().setName("app"))));
    assertThat(image()).as("nothing of a refused update is done").isEqualTo(before);
    for (String path : List.of("name", "alive", "agent_address", "report", "clones")) {
      assertMaskRefused(
          refused(() -> update(Host.newBuilder().setName("host-a"), "cordoned", path)));
    }
    assertMaskRefused(refused(() -> update(Host.newBuilder().setName("host-a"))));
  }

  private static void assertMaskRefused(StatusRuntimeException error) {
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(detail(error, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("update_mask");
  }

  @Test
  void whoSawAnOlderStateIsRefused() {
    String imageSeen = image().getEtag();
    Image changed =
        update(
            Image.newBuilder().setName("app").setEtag(imageSeen).putLabels("seen", "yes"),
            "labels");
    assertThat(changed.getEtag()).isNotEqualTo(imageSeen).isNotEmpty();
    assertRefused(
        refused(() ->
            update(
                Image.newBuilder().setName("app").setEtag(imageSeen).putLabels("seen", "no"),
                "labels")),
        Status.Code.ABORTED,
        "ETAG_MISMATCH");
    assertThat(image().getLabelsMap()).containsEntry("seen", "yes");
    String hostSeen = host().getEtag();
    update(Host.newBuilder().setName("host-a").setEtag(hostSeen).putLabels("x", "y"), "labels");
    assertRefused(
        refused(() ->
            update(
                Host.newBuilder().setName("host-a").setEtag(hostSeen).setCordoned(true),
                "cordoned")),
        Status.Code.ABORTED,
        "ETAG_MISMATCH");
    assertThat(host().getCordoned()).isFalse();
    update(Host.newBuilder().setName("host-a"), "labels");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertRefused(
        refused(() -> update(Image.newBuilder().setName("nope"), "labels")),
        Status.Code.NOT_FOUND,
        "IMAGE_NOT_FOUND");
    assertRefused(
        refused(() -> update(Host.newBuilder().setName("nope"), "labels")),
        Status.Code.NOT_FOUND,
        "HOST_NOT_FOUND");
  }

  @Test
  void allFaultsOfAnUpdateAreToldAtOnce() {
    StatusRuntimeException error =
        refused(() ->
            update(
                Image.newBuilder()
                    .setName("../app")
                    .setDescription("two\nlines")
                    .putLabels("$(id)", "x"),
                "engine"));
    assertThat(detail(error, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactlyInAnyOrder(
            "image.name", "image.description", "image.labels", "update_mask");
  }
}
