package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import dev.ramet.coordinator.records.WarmPools;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteHostRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageLifetime;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WarmPool;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones that run before anybody asks for them: on hosts in memory, with a real etcd. */
class WarmPoolIT extends AppOnOneHost {
  private static final int STEPS_OF_A_CREATE = 3;

  private FakeAgent anotherHost() {
    FakeAgent other = lab.host("host-b");
    CoordinatorLab.eventually("host-b has a replica", () -> other.snapshots().size() == 1);
    return other;
  }

  private Image setWarm(int min, int max) {
    return lab.images()
        .updateImage(
            UpdateImageRequest.newBuilder()
                .setImage(
                    Image.newBuilder()
                        .setName("app")
                        .setWarm(WarmPool.newBuilder().setMin(min).setMax(max)))
                .setUpdateMask(FieldMask.newBuilder().addPaths("warm"))
                .build());
  }

  private WarmPool pool() {
    return lab.images().getImage(GetImageRequest.newBuilder().setName("app").build()).getWarm();
  }

  private void awaitReady(int count) {
    CoordinatorLab.eventually(count + " warm clones wait", () -> pool().getReady() == count);
  }

  private View view() {
    return lab.etcd().informer().view();
  }

  private List<String> warmVolumes() {
    return WarmPools.of(view(), "app").stream()
        .map(clone -> clone.value().getAssignment().getVolume())
        .toList();
  }

  private void delete(String name) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(name).build());
    lab.awaitGone(name);
  }

  private void cordon(String name, boolean cordoned) {
    var unused =
        lab.hosts()
            .updateHost(
                UpdateHostRequest.newBuilder()
                    .setHost(Host.newBuilder().setName(name).setCordoned(cordoned))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("cordoned"))
                    .build());
  }

  @Test
  void aCreateTakesOneThatRunsAlready() {
    assertThat(setWarm(2, 0).getWarm().getWanted()).isEqualTo(2);
    awaitReady(2);
    List<String> before = warmVolumes();
    long starts = host.calls().stream().filter(call -> call.startsWith("StartInstance")).count();

    Clone claimed = lab.create("c");
    assertThat(claimed.getState()).isEqualTo(Clone.State.READY);
    assertThat(claimed.getWarm()).isTrue();
    assertThat(claimed.getReconciling()).isFalse();
    assertThat(claimed.getTimingsList())
        .extracting(step -> step.getName())
        .containsExactly("claim");
    assertThat(before).anyMatch(volume -> volume.endsWith("." + claimed.getUid()));
    assertThat(
            lab.etcd().informer().view().get(Keys.port("host-a", claimed.getEndpoint().getPort())))
        .hasValueSatisfying(port -> assertThat(port.value().getClone()).isEqualTo("c"));

    awaitReady(2);
    assertThat(warmVolumes()).doesNotContain("app." + claimed.getUid());
    assertThat(host.calls().stream().filter(call -> call.startsWith("StartInstance")).count())
        .as("one was started, to fill up the pool")
        .isEqualTo(starts + 1);
    assertThat(lab.clones().listClones(ListClonesRequest.getDefaultInstance()).getClonesList())
        .as("nobody sees those that wait")
        .extracting(Clone::getName)
        .containsExactly("c");
    assertThat(lab.create("c")).as("the same create again").isEqualTo(lab.find("c").orElseThrow());
  }

  @Test
  void aClaimedCloneLivesAsAllOthersDo() {
    setWarm(1, 0);
    awaitReady(1);
    Clone claimed = lab.create("c");
    setWarm(0, 0);
    var stopped = lab.clones().stopClone(StopCloneRequest.newBuilder().setName("c").build());
    lab.awaitState("c", Clone.State.STOPPED);
    var started = lab.clones().startClone(StartCloneRequest.newBuilder().setName("c").build());
    lab.awaitState("c", Clone.State.READY);
    var reset = lab.clones().resetClone(ResetCloneRequest.newBuilder().setName("c").build());
    lab.awaitState("c", Clone.State.READY);
    assertThat(lab.find("c").orElseThrow().getUrl()).isEqualTo(claimed.getUrl());
    delete("c");
    CoordinatorLab.eventually("nothing is left", host::isEmpty);
    assertThat(lab.ports()).isZero();
  }

  @Test
  void oneThatDoesNotAnswerIsGivenToNobody() {
    setWarm(1, 0);
    awaitReady(1);
    String dead = warmVolumes().getFirst();
    lab.stopReconciler();
    host.killInstance(dead);
    assertThat(lab.create("c").getWarm()).isFalse();
    lab.startReconciler();
    lab.awaitState("c", Clone.State.READY);
    // until then its record may say that it is well
    CoordinatorLab.eventually("it was started again", () -> host.isRunning(dead));
    awaitReady(1);
    assertThat(lab.create("d").getWarm()).isTrue();
  }

  @Test
  void whatHasToBeSetAtTheStartIsMadeForItsUser() {
    setWarm(1, 0);
    awaitReady(1);
    Clone made = create(CloneSpec.newBuilder().putEngineOptions("shared_buffers", "64MB"));
    assertThat(made.getWarm()).isFalse();
    assertThat(made.getState()).isEqualTo(Clone.State.PENDING);
  }

  private Clone create(CloneSpec.Builder spec) {
    return lab.clones()
        .createClone(
            CreateCloneRequest.newBuilder().setName("c").setSpec(spec.setImage("app")).build());
  }

  @Test
  void oneThatRunsIsGivenTheLimitsThatWereAskedFor() {
    host.setRuntime("docker");
    lab.report(host);
    setWarm(1, 0);
    awaitReady(1);
    String warm = warmVolumes().getFirst();
    assertThat(host.memoryLimit(warm)).isZero();
    lab.stopReconciler();
    Clone claimed = create(CloneSpec.newBuilder().setMemoryLimitBytes(256 << 20));
    assertThat(claimed.getWarm()).isTrue();
    assertThat(claimed.getState()).as("not before it has them").isEqualTo(Clone.State.PENDING);
    lab.startReconciler();
    lab.awaitState("c", Clone.State.READY);
    Clone ready = lab.find("c").orElseThrow();
    assertThat(warm).endsWith("." + ready.getUid());
    assertThat(host.memoryLimit(warm)).isEqualTo(256 << 20);
    assertThat(host.calls()).doesNotContain("DeleteInstance " + warm);
    assertThat(ready.getTimingsList())
        .extracting(step -> step.getName())
        .startsWith("claim")
        .doesNotContain("clone-volume");
  }

  @Test
  void onlyAContainerIsTakenWhereLimitsAreAskedFor() {
    setWarm(1, 0);
    awaitReady(1);
    assertThatThrownBy(() -> create(CloneSpec.newBuilder().setMemoryLimitBytes(256 << 20)))
        .hasMessageContaining("docker");
    assertThat(pool().getReady()).isEqualTo(1);
  }

  @Test
  void theOneAtThePortAskedForIsTaken() {
    setWarm(2, 0);
    awaitReady(2);
    int port = WarmPools.of(view(), "app").getLast().value().getAssignment().getPort();
    Clone claimed = create(CloneSpec.newBuilder().setPort(port));
    assertThat(claimed.getWarm()).isTrue();
    assertThat(claimed.getState()).isEqualTo(Clone.State.READY);
    assertThat(claimed.getEndpoint().getPort()).isEqualTo(port);
  }

  @Test
  void manyAtOnceGetOneEach() throws Exception {
    setWarm(5, 0);
    awaitReady(5);
    List<Future<Clone>> creates = new ArrayList<>();
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        String name = "c" + i;
        creates.add(users.submit(() -> lab.create(name)));
      }
    }
    List<Clone> clones = new ArrayList<>();
    for (Future<Clone> create : creates) {
      clones.add(create.get());
    }
    assertThat(clones).extracting(Clone::getUid).doesNotHaveDuplicates();
    assertThat(clones.stream().filter(Clone::getWarm).count()).isGreaterThanOrEqualTo(5);
    for (Clone clone : clones) {
      lab.awaitState(clone.getName(), Clone.State.READY);
    }
    assertThat(clones.stream().map(clone -> lab.find(clone.getName()).orElseThrow().getEndpoint()))
        .doesNotHaveDuplicates();
    awaitReady(5);
  }

  @Test
  void ofTwoWithOneNameOneGetsIt() throws Exception {
    setWarm(2, 0);
    awaitReady(2);
    List<Future<Clone>> creates = new ArrayList<>();
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 2; i++) {
        creates.add(users.submit(() -> lab.create("c")));
      }
    }
    assertThat(creates.get(0).get().getUid()).isEqualTo(creates.get(1).get().getUid());
    awaitReady(2);
    assertThat(host.volumes()).hasSize(3);
  }

  @Test
  void demandMakesItGrowUpToItsMost() {
    setWarm(1, 3);
    awaitReady(1);
    Clone first = lab.create("c0");
    lab.create("c1");
    lab.create("c2");
    lab.create("c3");
    assertThat(first.getWarm()).isTrue();
    assertThat(pool().getWanted()).isEqualTo(3);
    awaitReady(3);
    for (int i = 0; i < 4; i++) {
      delete("c" + i);
    }
    awaitReady(1);
    CoordinatorLab.eventually("the others go", () -> host.volumes().size() == 1);
  }

  @Test
  void aNewRevisionReplacesTheOld() {
    setWarm(2, 0);
    awaitReady(2);
    Operation build = lab.build("app");
    CoordinatorLab.eventually("app:2 is built", () -> lab.operation(build.getId()).getDone());
    CoordinatorLab.eventually(
        "those of app:2 wait", () -> pool().getReady() == 2 && host.volumes().size() == 2);
    Clone claimed = lab.create("c");
    assertThat(claimed.getWarm()).isTrue();
    assertThat(claimed.getRevision()).isEqualTo(2);
  }

  @Test
  void aCordonedHostIsDrained() {
    FakeAgent other = anotherHost();
    setWarm(4, 0);
    awaitReady(4);
    assertThat(host.volumes()).as("they are spread").hasSize(2);
    assertThat(other.volumes()).hasSize(2);
    cordon("host-a", true);
    CoordinatorLab.eventually(
        "all are on host-b", () -> host.isEmpty() && other.volumes().size() == 4);
    awaitReady(4);
  }

  @Test
  void aRefusedCreateTakesNone() {
    setWarm(1, 0);
    awaitReady(1);
    var limited =
        lab.images()
            .updateImage(
                UpdateImageRequest.newBuilder()
                    .setImage(
                        Image.newBuilder()
                            .setName("app")
                            .setLifetime(ImageLifetime.newBuilder().setMaxTtl(seconds(3600))))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("lifetime.max_ttl"))
                    .build());
    CreateCloneRequest.Builder request =
        CreateCloneRequest.newBuilder()
            .setName("c")
            .setSpec(CloneSpec.newBuilder().setImage("app"))
            .setLifetime(Lifetime.newBuilder().setTtl(seconds(7200)));
    assertThatThrownBy(() -> lab.clones().createClone(request.build()))
        .hasMessageContaining("lifetime.ttl");
    assertThat(lab.clones().createClone(request.clearLifetime().build()).getWarm()).isTrue();
  }

  private static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  /** Its process is there, so that nobody but a user who wants it can notice. */
  @Test
  void oneThatHangsKeepsNobodyWaitingAndIsReplaced() {
    setWarm(1, 0);
    awaitReady(1);
    String hung = warmVolumes().getFirst();
    host.hold("ProbeInstance");
    try {
      long begin = System.nanoTime();
      assertThat(lab.create("c").getWarm()).isFalse();
      assertThat(lab.create("d").getWarm()).isFalse();
      assertThat(System.nanoTime() - begin)
          .as("asked once, and not for long")
          .isLessThan(3_000_000_000L);
      assertThat(warmVolumes()).as("it may answer a little later").containsExactly(hung);
      CoordinatorLab.eventually(
          "another takes its place",
          () -> {
            lab.create("e");
            lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("e").build());
            lab.awaitGone("e");
            return !warmVolumes().contains(hung);
          });
    } finally {
      host.release("ProbeInstance");
    }
    awaitReady(1);
    assertThat(lab.create("f").getWarm()).isTrue();
  }

  @Test
  void oneThatGoesWhileItIsTakenIsNotGivenAway() {
    setWarm(1, 0);
    awaitReady(1);
    meanwhile.before(
        Keys.clone("c"),
        () -> {
          setWarm(0, 0);
          CoordinatorLab.eventually("it goes", () -> warmVolumes().isEmpty());
        });
    assertThat(lab.create("c").getWarm()).isFalse();
    assertThat(meanwhile.happened()).isTrue();
    lab.awaitState("c", Clone.State.READY);
    CoordinatorLab.eventually("nothing else is left", () -> host.volumes().size() == 1);
    assertThat(lab.ports()).isOne();
  }

  @Test
  void otherHostsStandInForOneThatIsAway() {
    FakeAgent other = anotherHost();
    setWarm(2, 0);
    awaitReady(2);
    assertThat(other.volumes()).hasSize(1);
    lab.lose(other);
    CoordinatorLab.eventually("both are on host-a", () -> host.volumes().size() == 2);
    awaitReady(2);
    assertThat(warmVolumes()).as("the one on host-b is kept").hasSize(3);
    lab.report(other);
    CoordinatorLab.eventually(
        "there are two when host-b is back",
        () -> host.volumes().size() + other.volumes().size() == 2);
    awaitReady(2);
  }

  @Test
  void aHostThatIsGivenUpIsNoFailureOfItsClones() {
    FakeAgent other = anotherHost();
    setWarm(2, 0);
    awaitReady(2);
    lab.lose(other);
    var removal =
        lab.hosts()
            .deleteHost(DeleteHostRequest.newBuilder().setName("host-b").setForce(true).build());
    CoordinatorLab.eventually("both are on host-a", () -> host.volumes().size() == 2);
    awaitReady(2);
  }

  @Test
  void memoryIsGivenBackWhereItIsShort() {
    setWarm(3, 0);
    awaitReady(3);
    host.setFreeMemory(1L << 30);
    lab.report(host);
    CoordinatorLab.eventually("they go", host::isEmpty);
    assertThat(pool().getReady()).isZero();
    host.setFreeMemory(8L << 30);
    lab.report(host);
    awaitReady(3);
  }

  /** The pause between two lasts longer than this test. */
  @Test
  void oneAfterTheOtherGoesAndNoneComesBackAtOnce() {
    FakeAgent other = anotherHost();
    lab.stopReconciler();
    lab.startReconciler(CoordinatorLab.RARELY);
    setWarm(4, 0);
    awaitReady(4);
    assertThat(host.volumes()).hasSize(2);
    host.setFreeMemory(1L << 30);
    lab.report(host);
    setWarm(4, 4); // has the leader look
    CoordinatorLab.eventually("one goes", () -> host.volumes().size() == 1);
    awaitReady(4);
    assertThat(other.volumes()).as("made where there is room").hasSize(3);
    host.setFreeMemory(8L << 30);
    lab.report(host);
    setWarm(5, 0);
    awaitReady(5);
    assertThat(host.volumes()).as("left alone").hasSize(1);
    assertThat(other.volumes()).hasSize(4);
  }

  /** Many are asked for at once: what they will take is counted before the host reports it. */
  @Test
  void noMoreAreMadeAtOnceThanThereIsMemoryFor() {
    FakeAgent other = anotherHost();
    lab.stopReconciler();
    lab.startReconciler(CoordinatorLab.RARELY);
    long fifth = (16L << 30) / 5;
    host.setFreeMemory(fifth + (300L << 20));
    lab.report(host);
    setWarm(8, 0);
    awaitReady(8);
    assertThat(host.volumes()).hasSize(2);
    setWarm(10, 0);
    awaitReady(10);
    assertThat(host.volumes()).as("the next look counts them too").hasSize(2);
    assertThat(other.volumes()).hasSize(8);
  }

  @Test
  void whatIsWellIsKeptWhileItsAgentIsAway() throws InterruptedException {
    setWarm(1, 0);
    awaitReady(1);
    List<String> before = warmVolumes();
    lab.stopReconciler();
    host.close();
    assertThat(lab.create("c").getWarm()).isFalse();
    Thread.sleep(5500); // longer than one that is silent is left alone
    assertThat(lab.create("d").getWarm()).isFalse();
    assertThat(warmVolumes()).isEqualTo(before);
  }

  @Test
  void anImageGoesWithItsPool() {
    setWarm(2, 0);
    awaitReady(2);
    Operation deletion =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build());
    CoordinatorLab.eventually("app is gone", () -> lab.operation(deletion.getId()).getDone());
    assertThat(host.isEmpty()).isTrue();
    assertThat(host.snapshots()).isEmpty();
    assertThat(lab.ports()).isZero();
  }

  @Test
  void whatFailsIsNotTriedWithoutPause() throws InterruptedException {
    host.refuse("StartInstance", Status.Code.FAILED_PRECONDITION);
    setWarm(2, 0);
    CoordinatorLab.eventually(
        "two starts were refused",
        () -> host.calls().stream().filter(call -> call.startsWith("StartInstance")).count() >= 2);
    CoordinatorLab.eventually("their remains are removed", host::isEmpty);
    Thread.sleep(1500);
    assertThat(host.calls().stream().filter(call -> call.startsWith("StartInstance")).count())
        .as("the pauses double: without them there would be hundreds")
        .isLessThan(12);
    host.heal();
    setWarm(2, 0);
    awaitReady(2);
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void anotherLeaderFillsItUp(Cut cut) {
    for (int call = 0; call < STEPS_OF_A_CREATE; call++) {
      setWarm(0, 0);
      CoordinatorLab.eventually("none is left", host::isEmpty);
      host.cutFrom(call, cut);
      setWarm(1, 0);
      CoordinatorLab.eventually("cut", () -> host.cutCalls() > 0);
      lab.stopReconciler();
      host.heal();
      lab.startReconciler();
      awaitReady(1);
      assertThat(host.volumes()).hasSize(1);
      assertThat(lab.ports()).isOne();
    }
  }
}
