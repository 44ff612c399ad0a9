package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.detail;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteRevisionRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ListRevisionsRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An image with two revisions, of which one goes. */
@Timeout(60)
class RevisionsIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private CoordinatorLab lab;
  private FakeAgent first;
  private FakeAgent second;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    first = lab.host("host-a");
    second = lab.host("host-b");
    lab.startReconciler();
    lab.buildApp();
    lab.buildApp();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private Operation delete(long number) {
    return lab.images()
        .deleteRevision(
            DeleteRevisionRequest.newBuilder().setImage("app").setNumber(number).build());
  }

  private void await(Operation operation) {
    CoordinatorLab.eventually("over", () -> lab.operation(operation.getId()).getDone());
    assertThat(lab.operation(operation.getId()).hasFailure()).isFalse();
  }

  private List<Long> numbers() {
    return lab
        .images()
        .listRevisions(ListRevisionsRequest.newBuilder().setImage("app").build())
        .getRevisionsList()
        .stream()
        .map(Revision::getNumber)
        .toList();
  }

  private Image image() {
    return lab.images().getImage(GetImageRequest.newBuilder().setName("app").build());
  }

  private Revision latest() {
    return lab.images().getRevision(GetRevisionRequest.newBuilder().setImage("app").build());
  }

  private void create(String name, String image) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setImage(image))
                    .build());
    lab.awaitState(name, Clone.State.READY);
  }

  @Test
  void theOlderOneGoesWithItsSnapshotsAndTheNewerOneStays() {
    assertThat(numbers()).containsExactly(1L, 2L);
    List<String> before = first.snapshots();
    assertThat(before).hasSize(2);

    Operation operation = delete(1);
    assertThat(operation.getKind()).isEqualTo(Operation.Kind.DELETE_REVISION);
    assertThat(operation.getTarget()).isEqualTo("app:1");
    await(operation);

    assertThat(numbers()).containsExactly(2L);
    assertThat(image().getLatest()).isEqualTo(2);
    assertThat(first.snapshots()).hasSize(1).isSubsetOf(before);
    assertThat(second.snapshots()).isEqualTo(first.snapshots());
    create("c", "app:2");
    assertRefused(refused(() -> create("d", "app:1")), Status.Code.NOT_FOUND, "REVISION_NOT_FOUND");
    Operation again = delete(1);
    assertThat(again.getDone()).as("what is missing is over at once").isTrue();
    assertThat(again.hasFailure()).isFalse();
  }

  @Test
  void whenTheNewestGoesTheOneBeforeIsTheLatestAndItsNumberIsNotUsedAgain() {
    assertThat(latest().getNumber()).isEqualTo(2);
    await(delete(2));
    assertThat(latest().getNumber()).isOne();
    assertThat(image().getLatest()).isOne();
    create("c", "app");
    assertThat(lab.find("c").orElseThrow().getRevision()).isOne();
    lab.buildApp();
    assertThat(numbers()).containsExactly(1L, 3L);
  }

  @Test
  void theOneWithClonesIsKeptAndTheyAreNamed() {
    create("c", "app:1");
    create("d", "app:1");
    StatusRuntimeException error = refused(() -> delete(1));
    assertRefused(error, Status.Code.FAILED_PRECONDITION, "IMAGE_HAS_CLONES");
    assertThat(error.getStatus().getDescription()).contains("app:1", "c", "d");
    assertThat(detail(error, ErrorInfo.class).getMetadataMap()).containsEntry("clones", "c,d");
    assertThat(numbers()).containsExactly(1L, 2L);
    await(delete(2));
    assertThat(numbers()).containsExactly(1L);
    for (String clone : List.of("c", "d")) {
      var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(clone).build());
      lab.awaitGone(clone);
    }
    await(delete(1));
    assertThat(numbers()).isEmpty();
    assertThat(image().getLatest()).as("the image is there, without a revision").isZero();
    assertRefused(refused(this::latest), Status.Code.NOT_FOUND, "REVISION_NOT_FOUND");
    assertThat(first.snapshots()).isEmpty();
    assertThat(second.snapshots()).isEmpty();
  }

  @Test
  void withoutANumberItIsRefused() {
    assertRefused(refused(() -> delete(0)), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertRefused(refused(() -> delete(-1)), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(numbers()).containsExactly(1L, 2L);
  }
}
