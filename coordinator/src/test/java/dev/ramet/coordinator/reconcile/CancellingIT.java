package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.UpdateCloneRequest;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deletions of what is being made right now by calls that take for ever. */
@Timeout(120)
class CancellingIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  private CoordinatorLab lab;
  private FakeAgent host;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private Clone held(String name) {
    Clone clone = lab.create(name);
    CoordinatorLab.eventually(
        "its start is in flight",
        () -> host.heldIn("StartInstance").contains(name + "." + clone.getUid()));
    return clone;
  }

  private void deleteImageWithin(Duration limit) {
    long begin = System.nanoTime();
    Operation operation =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build());
    CoordinatorLab.eventually("gone", () -> lab.operation(operation.getId()).getDone());
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit);
  }

  @Test
  void aDeleteDoesNotWaitForAStartInFlight() {
    lab.buildApp();
    host.hold("StartInstance");
    held("c");
    long begin = System.nanoTime();
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("c").build());
    lab.awaitGone("c");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @Test
  void aNewLabelDoesNotBeginAStartAgain() {
    lab.buildApp();
    host.hold("StartInstance");
    Clone clone = held("c");
    var unused =
        lab.clones()
            .updateClone(
                UpdateCloneRequest.newBuilder()
                    .setClone(Clone.newBuilder().setName("c").putLabels("k", "v"))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("labels"))
                    .build());
    CoordinatorLab.eventually(
        "seen",
        () ->
            lab.etcd()
                .informer()
                .view()
                .get(Keys.clone("c"))
                .map(found -> found.value().getMeta().containsLabels("k"))
                .orElse(false));
    assertThat(host.heldIn("StartInstance")).containsExactly("c." + clone.getUid());
    host.release("StartInstance");
    lab.awaitState("c", Clone.State.READY);
    assertThat(host.calls().stream().filter(call -> call.startsWith("StartInstance"))).hasSize(1);
  }

  @Test
  void aBuildInFlightEndsWithItsImage() {
    host.hold("LoadSource");
    Operation build = lab.build("app");
    CoordinatorLab.eventually("loading", () -> !host.heldIn("LoadSource").isEmpty());
    deleteImageWithin(AT_ONCE);
    assertThat(lab.operation(build.getId()).getFailure().getCode()).isEqualTo("CANCELLED");
    assertThat(host.isEmpty()).isTrue();
    assertThat(host.snapshots()).isEmpty();
  }

  @Test
  void aBuildThatWaitsForItsTurnEndsWithItsImage() {
    host.hold("LoadSource");
    for (String other : new String[] {"one", "two"}) {
      lab.build(other);
    }
    CoordinatorLab.eventually("all turns are taken", () -> host.heldIn("LoadSource").size() == 2);
    Operation build = lab.build("app");
    deleteImageWithin(AT_ONCE);
    assertThat(lab.operation(build.getId()).getFailure().getCode()).isEqualTo("CANCELLED");
    assertThat(host.volumes()).hasSize(2).noneMatch(volume -> volume.startsWith("app."));
    host.release("LoadSource");
    CoordinatorLab.eventually("the others are built", () -> host.snapshots().size() == 2);
  }

  @Test
  void aCopyInFlightEndsWithItsImage() {
    FakeAgent other = lab.host("host-b");
    host.hold("PullSnapshot");
    other.hold("PullSnapshot");
    lab.build("app");
    CoordinatorLab.eventually(
        "copying",
        () -> host.heldIn("PullSnapshot").size() + other.heldIn("PullSnapshot").size() == 1);
    deleteImageWithin(AT_ONCE);
    assertThat(host.snapshots()).isEmpty();
    assertThat(other.snapshots()).isEmpty();
    assertThat(host.heldIn("PullSnapshot")).isEmpty();
    assertThat(other.heldIn("PullSnapshot")).isEmpty();
  }
}
