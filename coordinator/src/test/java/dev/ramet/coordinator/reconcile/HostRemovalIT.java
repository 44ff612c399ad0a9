package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.ErrorInfo;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteHostRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.ListHostsRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hosts that are declared lost. */
@Timeout(120)
class HostRemovalIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  /** What nobody wants is only reported. */
  private static final ReconcileSettings REPORTING =
      new ReconcileSettings(
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(15),
          Duration.ofMillis(50),
          2,
          Duration.ofMillis(100),
          8,
          2,
          Duration.ofMillis(300),
          Duration.ofHours(1),
          Duration.ofMillis(300),
          Duration.ofDays(1),
          Duration.ofMinutes(15));

  private CoordinatorLab lab;
  private FakeAgent kept;
  private FakeAgent lost;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    kept = lab.host("host-a");
    lost = lab.host("host-b");
    lab.startReconciler(REPORTING);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private Operation remove(boolean force) {
    return lab.hosts()
        .deleteHost(DeleteHostRequest.newBuilder().setName("host-b").setForce(force).build());
  }

  private void removed(Operation operation) {
    CoordinatorLab.eventually("over", () -> lab.operation(operation.getId()).getDone());
    assertThat(lab.operation(operation.getId()).hasFailure()).isFalse();
    assertThat(
            lab.hosts().listHosts(ListHostsRequest.getDefaultInstance()).getHostsList().stream()
                .map(Host::getName))
        .containsExactly("host-a");
  }

  private ErrorInfo refused(boolean force) throws Exception {
    StatusRuntimeException error =
        catchThrowableOfType(StatusRuntimeException.class, () -> remove(force));
    assertThat(error).as("it was not refused").isNotNull();
    return StatusProto.fromThrowable(error).getDetails(0).unpack(ErrorInfo.class);
  }

  private void createOnLost(String name) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setImage("app").setHost("host-b"))
                    .build());
    lab.awaitState(name, Clone.State.READY);
  }

  private Revision revision(String image) {
    return lab.images()
        .getRevision(GetRevisionRequest.newBuilder().setImage(image).setNumber(1).build());
  }

  /** An image that is on the lost host alone. */
  private void buildLonely() {
    Operation operation =
        lab.images()
            .buildImage(
                BuildImageRequest.newBuilder()
                    .setName("lonely")
                    .setSource("postgres://u:secret@127.0.0.1:5432/app")
                    .setHost("host-b")
                    .setReplicas(1)
                    .build());
    CoordinatorLab.eventually("built", () -> lab.operation(operation.getId()).getDone());
  }

  @Test
  void aHostThatIsAliveIsNotRemovedEvenByForce() throws Exception {
    assertThat(refused(false).getReason()).isEqualTo("HOST_ALIVE");
    assertThat(refused(true).getReason()).isEqualTo("HOST_ALIVE");
  }

  @Test
  void whatIsOnItIsNamedAndKeptWithoutForce() throws Exception {
    lab.buildApp();
    buildLonely();
    createOnLost("c");
    lab.lose(lost);
    ErrorInfo error = refused(false);
    assertThat(error.getReason()).isEqualTo("HOST_IN_USE");
    assertThat(error.getMetadataMap()).isEqualTo(Map.of("clones", "c", "revisions", "lonely:1"));
    lab.report(lost);
    lab.awaitState("c", Clone.State.READY);
    assertThat(revision("lonely").getState()).isEqualTo(Revision.State.READY);
  }

  @Test
  void aHostWithoutClonesGoesAndItsReplicasWithIt() {
    lab.buildApp();
    lab.lose(lost);
    removed(remove(false));
    assertThat(revision("app").getReplicasList())
        .extracting(Replica::getHost)
        .containsExactly("host-a");
    assertThat(revision("app").getState()).isEqualTo(Revision.State.READY);
    assertThat(remove(false).getDone()).as("what is missing is deleted").isTrue();
  }

  @Test
  void byForceItsClonesEndAndWhatItHoldsWhenItIsBackIsWantedByNobody() {
    lab.buildApp();
    buildLonely();
    createOnLost("c");
    createOnLost("d");
    lab.lose(lost);
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("d").build());
    removed(remove(true));
    lab.awaitGone("d");
    Clone failed = lab.find("c").orElseThrow();
    assertThat(failed.getState()).isEqualTo(Clone.State.FAILED);
    assertThat(failed.getFailure().getCode()).isEqualTo("HOST_REMOVED");
    assertThat(failed.getFailure().getMessage()).contains("host-b");
    assertThat(lab.ports()).isZero();
    assertThat(revision("lonely").getState()).isEqualTo(Revision.State.FAILED);
    assertThat(revision("lonely").getFailure().getCode()).isEqualTo("HOST_REMOVED");
    assertThat(lost.volumes()).hasSize(2);

    lab.stopReconciler();
    Recorder recorder = new Recorder();
    lab.startReconciler(REPORTING, lab.etcd().store(), recorder);
    lab.report(lost);
    // two volumes with their instances, and the snapshot of lonely; that of app is a replica again
    CoordinatorLab.eventually("reported", () -> recorder.orphans.getOrDefault("host-b", 0) == 3);
    assertThat(lab.find("c").orElseThrow().getState()).isEqualTo(Clone.State.FAILED);
    var gone = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("c").build());
    lab.awaitGone("c");
  }

  @Test
  void aBuildOnItEndsAtOnce() {
    lost.hold("LoadSource");
    Operation build =
        lab.images()
            .buildImage(
                BuildImageRequest.newBuilder()
                    .setName("app")
                    .setSource("postgres://u:secret@127.0.0.1:5432/app")
                    .setHost("host-b")
                    .build());
    CoordinatorLab.eventually("loading", () -> !lost.heldIn("LoadSource").isEmpty());
    lab.lose(lost);
    removed(remove(true));
    assertThat(lab.operation(build.getId()).getFailure().getCode()).isEqualTo("HOST_REMOVED");
    assertThat(kept.isEmpty()).isTrue();
  }
}
