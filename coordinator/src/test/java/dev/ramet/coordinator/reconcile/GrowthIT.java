package dev.ramet.coordinator.reconcile;

import static dev.ramet.coordinator.reconcile.CloneActions.refusedWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.ListConnectionsRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import dev.ramet.proto.v1.Warning;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones that may grow so much: on hosts in memory, with a real etcd. */
class GrowthIT extends AppOnOneHost {
  private static final long MIB = 1L << 20;

  private CreateCloneRequest request(String name, long limit) {
    return CreateCloneRequest.newBuilder()
        .setName(name)
        .setSpec(CloneSpec.newBuilder().setImage("app"))
        .setGrowthLimitBytes(limit)
        .build();
  }

  /** A clone that may grow by 100 MiB; the id of its volume. */
  private String capped(String name) {
    Clone clone = lab.clones().createClone(request(name, 100 * MIB));
    lab.awaitState(name, Clone.State.READY);
    return name + "." + clone.getUid();
  }

  private String overCap(String name) {
    String id = capped(name);
    host.setGrowth(id, 103 * MIB);
    awaitFrozen(name, id);
    return id;
  }

  private void awaitFrozen(String name, String id) {
    lab.awaitState(name, Clone.State.OVER_CAP);
    CoordinatorLab.eventually("it is frozen", () -> host.isFrozen(id));
  }

  private void awaitUp(String name, String id) {
    CoordinatorLab.eventually(
        "clone %s is up".formatted(name),
        () -> now(name).getState() == Clone.State.READY && !now(name).getReconciling());
    assertThat(host.isRunning(id)).isTrue();
  }

  private Clone now(String name) {
    return lab.find(name).orElseThrow();
  }

  private Clone extend(String name, long bytes) {
    return lab.clones()
        .extendClone(
            ExtendCloneRequest.newBuilder().setName(name).setAddGrowthBytes(bytes).build());
  }

  @Test
  void aCloneNearItsCapIsToldAndOneBeyondItIsFrozen() {
    String id = capped("c");
    assertThat(now("c").getGrowth().getLimitBytes()).isEqualTo(100 * MIB);
    host.setGrowth(id, 79 * MIB);
    CoordinatorLab.eventually(
        "it is written down", () -> now("c").getGrowth().getBytes() == 79 * MIB);
    assertThat(now("c").getWarningsList()).isEmpty();
    host.setGrowth(id, 80 * MIB);
    CoordinatorLab.eventually(
        "its user is warned",
        () ->
            now("c").getWarningsList().stream()
                .map(Warning::getCode)
                .anyMatch("GROWTH_NEAR_CAP"::equals));
    assertThat(host.isRunning(id)).isTrue();
    host.setGrowth(id, 100 * MIB);
    awaitFrozen("c", id);
    Clone frozen = now("c");
    assertThat(frozen.getFailure().getCode()).isEqualTo("CLONE_OVER_CAP");
    assertThat(frozen.getFailure().getMessage())
        .contains("100.0 MiB", "ramet clone extend c --growth", "reset", "save", "rm");
    refusedWith(
        () ->
            lab.clones().listConnections(ListConnectionsRequest.newBuilder().setName("c").build()),
        "CLONE_OVER_CAP");
    refusedWith(
        () -> lab.clones().startClone(StartCloneRequest.newBuilder().setName("c").build()),
        "CLONE_OVER_CAP");
  }

  @Test
  void whatIsSaidOfAFrozenCloneKeepsUpWithItsName() {
    overCap("c");
    Clone renamed = user.rename("c", "d");
    assertThat(renamed.getState()).isEqualTo(Clone.State.OVER_CAP);
    assertThat(renamed.getFailure().getMessage())
        .contains("clone d ", "ramet clone extend d --growth")
        .doesNotContain("clone c ");
    assertThatThrownBy(() -> extend("d", -200 * MIB)).hasMessageContaining("add_growth_bytes");
    extend("d", 50 * MIB);
    lab.awaitState("d", Clone.State.READY);
  }

  @Test
  void aCloneWithoutACapGrowsAsItLikes() {
    lab.create("free");
    lab.awaitState("free", Clone.State.READY);
    String id = "free." + now("free").getUid();
    host.setGrowth(id, 1L << 40);
    overCap("c");
    assertThat(now("free").getState()).isEqualTo(Clone.State.READY);
    assertThat(now("free").hasGrowth()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void whoeverMayGrowMoreGoesOnAlsoWhereTheLeaderChanges(Cut cut) {
    String id = capped("c");
    host.cutFrom(0, cut);
    host.setGrowth(id, 103 * MIB);
    changeLeaderAfterCut();
    awaitFrozen("c", id);
    refusedWith(() -> extend("c", 2 * MIB), "INVALID_ARGUMENT");
    assertThat(now("c").getState()).isEqualTo(Clone.State.OVER_CAP);
    host.cutFrom(0, cut);
    Clone asked = extend("c", 50 * MIB);
    assertThat(asked.getReconciling()).isTrue();
    changeLeaderAfterCut();
    awaitUp("c", id);
    assertThat(now("c").hasFailure()).isFalse();
    assertThat(now("c").getWarningsList()).isEmpty();
    host.setGrowth(id, 150 * MIB);
    awaitFrozen("c", id);
    var unused =
        lab.clones()
            .extendClone(
                ExtendCloneRequest.newBuilder().setName("c").setGrowthLimitBytes(1 << 30).build());
    awaitUp("c", id);
  }

  private void changeLeaderAfterCut() {
    CoordinatorLab.eventually("cut", () -> host.cutCalls() > 0);
    lab.stopReconciler();
    host.heal();
    lab.startReconciler();
  }

  @Test
  void aFrozenCloneCanBeSavedStoppedResetAndRemoved() {
    String id = overCap("c");
    var unused =
        lab.clones()
            .createSave(CreateSaveRequest.newBuilder().setClone("c").setName("kept").build());
    assertThat(host.calls()).as("nobody asks a frozen server").noneMatch(isCheckpointOf(id));
    assertThat(host.isFrozen(id)).isTrue();
    var stopping = lab.clones().stopClone(StopCloneRequest.newBuilder().setName("c").build());
    lab.awaitState("c", Clone.State.STOPPED);
    CoordinatorLab.eventually("no instance is left", () -> host.instances().isEmpty());
    var starting = lab.clones().startClone(StartCloneRequest.newBuilder().setName("c").build());
    awaitFrozen("c", id);
    var resetting = lab.clones().resetClone(ResetCloneRequest.newBuilder().setName("c").build());
    awaitUp("c", "c." + now("c").getUid() + ".r2");
    assertThat(now("c").getGrowth().getBytes()).as("it begins again").isZero();
    CoordinatorLab.eventually("the old volume is gone", () -> host.volumes().size() == 1);
    String other = overCap("d");
    var deleting = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("d").build());
    lab.awaitGone("d");
    assertThat(host.volumes()).doesNotContain(other);
  }

  private static java.util.function.Predicate<String> isCheckpointOf(String id) {
    return call -> call.equals("Checkpoint " + id);
  }

  @Test
  void aFrozenInstanceThatEndsIsNotStartedBeforeItMayGrow() {
    String id = overCap("c");
    host.reboot();
    lab.stopReconciler();
    lab.startReconciler();
    String other = overCap("d"); // by then c was looked at too
    assertThat(host.instances()).containsExactly(other);
    assertThat(now("c").getState()).isEqualTo(Clone.State.OVER_CAP);
    extend("c", 50 * MIB);
    awaitUp("c", id);
  }

  @Test
  void aVolumeThatIsGoneIsToldOfAFrozenCloneToo() {
    String id = overCap("c");
    host.loseVolume(id);
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(now("c").getFailure().getCode()).isEqualTo("DATA_LOST");
  }

  @Test
  void aReadyCloneThatSomebodyFrozeIsThawed() {
    String id = capped("c");
    host.freeze(id);
    CoordinatorLab.eventually("it goes on", () -> host.isRunning(id));
    assertThat(now("c").getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void aRestartOfAFrozenCloneFreezesItAgain() {
    String id = overCap("c");
    long before = host.calls().size();
    var unused = lab.clones().restartClone(RestartCloneRequest.newBuilder().setName("c").build());
    CoordinatorLab.eventually(
        "it was started and frozen",
        () ->
            host.calls().stream().skip(before).anyMatch(("StartInstance " + id)::equals)
                && host.isFrozen(id));
    lab.awaitState("c", Clone.State.OVER_CAP);
  }

  @Test
  void aPoolWithoutRoomNamesWhatHoldsMost() {
    String id = capped("greedy");
    capped("modest");
    host.setGrowth(id, 3 << 20);
    host.setOwnBytes(id, 3L << 30);
    host.setFreeBytes(1 << 10);
    lab.report(host);
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> lab.clones().createClone(request("c", 0)));
    assertThat(refusal)
        .hasMessageContaining("clones hold most: greedy (3.0 GiB), modest (4.0 KiB)");
  }

  @Test
  void whatCannotBeIsRefused() {
    refusedWith(() -> lab.clones().createClone(request("c", -1)), "INVALID_ARGUMENT");
    capped("c");
    refusedWith(() -> extend("c", -100 * MIB), "INVALID_ARGUMENT");
    refusedWith(() -> extend("c", -200 * MIB), "INVALID_ARGUMENT");
    assertThat(now("c").getGrowth().getLimitBytes()).isEqualTo(100 * MIB);
    var unused =
        lab.clones()
            .extendClone(
                ExtendCloneRequest.newBuilder().setName("c").setNoGrowthLimit(true).build());
    assertThat(now("c").hasGrowth()).isFalse();
    refusedWith(() -> extend("c", MIB), "INVALID_ARGUMENT");
  }
}
