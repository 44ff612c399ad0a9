package dev.ramet.coordinator.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.names.HostId;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectationsTest {
  private static final String HERE = "host-a";

  private static CloneRecord.Builder clone(String volume) {
    CloneRecord.Builder clone =
        CloneRecord.newBuilder().setMeta(Meta.newBuilder().setName("new-name").setUid("abcd0123"));
    clone.getAssignmentBuilder().setHost(HERE).setVolume(volume);
    clone.getStatusBuilder().setState(Clone.State.READY);
    return clone;
  }

  private static RevisionRecord.Builder revision() {
    return RevisionRecord.newBuilder()
        .setMeta(Meta.newBuilder().setUid("abcd0123"))
        .setImage("app")
        .setNumber(7)
        .setBuildHost(HERE)
        .setState(Revision.State.BUILDING);
  }

  private static Expectations of(CloneRecord.Builder clone) {
    return Expectations.of(HERE, List.of(clone.build()), List.of(), List.of(), List.of());
  }

  private static Expectations of(RevisionRecord.Builder revision) {
    return Expectations.of(HERE, List.of(), List.of(), List.of(revision.build()), List.of());
  }

  private static Expectations unreadable(String path) {
    return Expectations.of(HERE, List.of(), List.of(), List.of(), List.of(path));
  }

  private static HostId id(String text) {
    return HostId.parse(text).orElseThrow();
  }

  @Test
  void aCloneWantsTheVolumeThatItsRecordNamesWhateverItIsCalledNow() {
    Expectations expectations = of(clone("old-name.abcd0123.r2"));
    assertThat(expectations.wants(id("old-name.abcd0123.r2"))).isTrue();
    assertThat(expectations.wants(id("new-name.abcd0123"))).isFalse();
    assertThat(expectations.wants(id("old-name.abcd0123"))).isFalse();
  }

  @Test
  void aCloneThatIsResetWantsTheNewDataToo() {
    CloneRecord.Builder clone = clone("c.abcd0123");
    clone.getWishBuilder().getResetBuilder().setVolume("c.abcd0123.r2");
    Expectations expectations = of(clone);
    assertThat(expectations.wants(id("c.abcd0123"))).isTrue();
    assertThat(expectations.wants(id("c.abcd0123.r2"))).isTrue();
    assertThat(expectations.wants(id("c.abcd0123.r3"))).isFalse();
  }

  @Test
  void whatACloneIsToGetRidOfIsItsOwnBusiness() {
    CloneRecord.Builder clone = clone("c.abcd0123.r2");
    clone.getStatusBuilder().addRetired("c.abcd0123");
    assertThat(of(clone).wants(id("c.abcd0123"))).isTrue();
  }

  @Test
  void aCloneThatIsDeletedIsWantedOneThatFailedIsNot() {
    CloneRecord.Builder deleting = clone("c.abcd0123");
    deleting.getMetaBuilder().getDeleteTimeBuilder().setSeconds(1);
    assertThat(of(deleting).wants(id("c.abcd0123"))).isTrue();
    CloneRecord.Builder failed = clone("c.abcd0123");
    failed.getStatusBuilder().setState(Clone.State.FAILED);
    assertThat(of(failed).wants(id("c.abcd0123"))).isFalse();
    failed.getStatusBuilder().getReadyTimeBuilder().setSeconds(1);
    assertThat(of(failed).wants(id("c.abcd0123"))).as("its data are kept").isTrue();
  }

  @Test
  void whatIsWantedOnAnotherHostIsNotWantedHere() {
    CloneRecord.Builder clone = clone("c.abcd0123");
    clone.getAssignmentBuilder().setHost("host-b");
    assertThat(of(clone).wants(id("c.abcd0123"))).isFalse();
  }

  @Test
  void aSaveWantsTheSnapshotThatItsRecordNames() {
    SaveRecord save = SaveRecord.newBuilder().setHost(HERE).setSnapshot("s.abcd0123.save").build();
    Expectations here = Expectations.of(HERE, List.of(), List.of(save), List.of(), List.of());
    Expectations there = Expectations.of("host-b", List.of(), List.of(save), List.of(), List.of());
    assertThat(here.wants(id("s.abcd0123.save"))).isTrue();
    assertThat(here.wants(id("t.abcd0123.save"))).isFalse();
    assertThat(there.wants(id("s.abcd0123.save"))).isFalse();
  }

  @Test
  void aRevisionWantsItsBuildUntilItIsReadyAndItsReplicasAfterwards() {
    RevisionRecord.Builder revision = revision();
    assertThat(of(revision).wants(id("app.7.abcd0123.build"))).isTrue();
    assertThat(of(revision).wants(id("app.7.abcd0123"))).isTrue();
    revision.setState(Revision.State.READY).getReadyTimeBuilder().setSeconds(1);
    assertThat(of(revision).wants(id("app.7.abcd0123.build"))).isFalse();
    assertThat(of(revision).wants(id("app.7.abcd0123"))).isFalse();
    revision.addReplicas(Replica.newBuilder().setHost(HERE).setState(Replica.State.READY));
    assertThat(of(revision).wants(id("app.7.abcd0123"))).isTrue();
    assertThat(of(revision).wants(id("app.7.xxxx0123"))).isFalse();
    revision.getReplicasBuilder(0).setState(Replica.State.DELETING);
    assertThat(of(revision).wants(id("app.7.abcd0123"))).isFalse();
  }

  @Test
  void aFailedRevisionWantsNothing() {
    RevisionRecord.Builder failed = revision().setState(Revision.State.FAILED);
    assertThat(of(failed).wants(id("app.7.abcd0123.build"))).isFalse();
  }

  @Test
  void anUnreadableCloneOrSaveProtectsWhatLooksLikeOne() {
    for (String path :
        List.of("/ramet/v1/clones/x", "/ramet/v1/saves/abcd0123/x", "/ramet/v1/clones/of/later")) {
      Expectations expectations = unreadable(path);
      assertThat(expectations.protects(id("c.abcd0123"))).as(path).isTrue();
      assertThat(expectations.protects(id("c.abcd0123.r2"))).as(path).isTrue();
      assertThat(expectations.protects(id("s.abcd0123.save"))).as(path).isTrue();
      assertThat(expectations.protects(id("app.7.abcd0123"))).as(path).isFalse();
    }
  }

  @Test
  void anUnreadableRevisionProtectsItsOwn() {
    Expectations expectations = unreadable("/ramet/v1/images/app/revisions/000000000007");
    assertThat(expectations.protects(id("app.7.abcd0123"))).isTrue();
    assertThat(expectations.protects(id("app.7.abcd0123.build"))).isTrue();
    assertThat(expectations.protects(id("app.8.abcd0123"))).isFalse();
    assertThat(expectations.protects(id("c.abcd0123"))).isFalse();
  }
}
