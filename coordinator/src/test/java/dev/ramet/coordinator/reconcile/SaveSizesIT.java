package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.Save;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What saves are said to hold: by their hosts, now, or not at all. */
@Timeout(120)
class SaveSizesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private CoordinatorLab lab;
  private CloneUser user;
  private FakeAgent near;
  private FakeAgent far;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    user = new CloneUser(lab);
    near = lab.host("near");
    far = lab.host("far");
    lab.startReconciler();
    lab.buildApp();
    clone("a", "near");
    clone("b", "far");
  }

  @AfterEach
  void close() {
    near.release("GetUsage");
    far.release("GetUsage");
    lab.close();
  }

  private void clone(String name, String host) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setImage("app").setHost(host))
                    .build());
    lab.awaitState(name, Clone.State.READY);
  }

  private List<Save> saves(String clone) {
    return lab.clones()
        .listSaves(ListSavesRequest.newBuilder().setClone(clone).setSizes(true).build())
        .getSavesList();
  }

  private static String snapshot(FakeAgent host, String save) {
    return host.snapshots().stream()
        .filter(id -> id.startsWith(save + "."))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void eachHostIsAskedForItsOwnAndOnlyWhereTheSizesAreWanted() {
    Save _ = user.save("a", "one");
    Save _ = user.save("b", "two");
    near.setOwnBytes(snapshot(near, "one"), 7);
    far.setOwnBytes(snapshot(far, "two"), 0);
    assertThat(saves("")).extracting(Save::getOwnBytes).containsExactlyInAnyOrder(7L, 0L);
    assertThat(saves("")).allMatch(Save::hasOwnBytes);
    assertThat(saves("a")).singleElement().extracting(Save::getOwnBytes).isEqualTo(7L);
    assertThat(lab.clones().listSaves(ListSavesRequest.getDefaultInstance()).getSavesList())
        .hasSize(2)
        .noneMatch(Save::hasOwnBytes);
  }

  @Test
  void oneThatCannotBeMeasuredIsUnknownAndTheOthersAreKnown() {
    Save _ = user.save("a", "lost");
    Save _ = user.save("a", "there");
    near.loseSnapshot(snapshot(near, "lost"));
    assertThat(saves("a"))
        .extracting(Save::getName, Save::hasOwnBytes)
        .containsExactlyInAnyOrder(tuple("lost", false), tuple("there", true));
  }

  @Test
  void aHostThatHangsOrIsAwayKeepsNobodyWaiting() {
    Save _ = user.save("a", "one");
    Save _ = user.save("b", "two");
    far.hold("GetUsage");
    long begin = System.nanoTime();
    assertThat(saves(""))
        .filteredOn(Save::hasOwnBytes)
        .extracting(Save::getName)
        .containsExactly("one");
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(1500), Duration.ofSeconds(4));
    assertThat(far.heldIn("GetUsage")).containsExactly(snapshot(far, "two"));
    lab.lose(near);
    assertThat(saves("a")).singleElement().matches(save -> !save.hasOwnBytes());
  }

  /** At least what one screen shows; each costs its host a walk over its extents. */
  @Test
  void ofManySavesNotAllAreAskedFor() {
    for (int i = 0; i < 55; i++) {
      Save _ = user.save("a", "s" + i);
    }
    assertThat(saves("a")).hasSize(55).filteredOn(Save::hasOwnBytes).hasSize(50);
  }
}
