package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.OrphanSeen;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import dev.ramet.proto.v1.Reap;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Reset;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Warning;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row by row: what was, what is, what is told. */
class EventTellerTest {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final Timestamp EARLIER = Timestamp.newBuilder().setSeconds(1_000).build();
  private static final Failure WHY =
      Failure.newBuilder().setCode("POOL_FULL").setMessage("no room").build();

  private static CloneRecord.Builder clone(Clone.State state) {
    CloneRecord.Builder clone =
        CloneRecord.newBuilder()
            .setMeta(Meta.newBuilder().setName("fix-1").setUid("u1").setCreateTime(EARLIER));
    clone
        .getAssignmentBuilder()
        .setImage("app")
        .setRevision(7)
        .setHost("host-a")
        .setAddress("127.0.0.1")
        .setPort(15001);
    clone.getStatusBuilder().setState(state);
    return clone;
  }

  /** One that was READY once. */
  private static CloneRecord.Builder used(Clone.State state) {
    CloneRecord.Builder clone = clone(state);
    clone.getStatusBuilder().setReadyTime(EARLIER).setTotalNanos(74_000_000);
    return clone;
  }

  private static CloneRecord.Builder failed(CloneRecord.Builder clone) {
    clone.getStatusBuilder().setFailure(WHY);
    return clone;
  }

  private static List<Event> told(CloneRecord.Builder before, CloneRecord.Builder after) {
    return CloneTeller.changed(before.build(), after.build(), "", NOW);
  }

  private static List<String> types(List<Event> events) {
    return events.stream().map(Event::getType).toList();
  }

  @Test
  void aCloneThatIsMadeIsTold() {
    List<Event> events = CloneTeller.changed(null, clone(Clone.State.PENDING).build(), "", NOW);
    assertThat(events)
        .containsExactly(
            Event.newBuilder()
                .setTime(EARLIER)
                .setKind(Event.Kind.CLONE)
                .setName("fix-1")
                .setType("CLONE_CREATED")
                .setMessage("of app:7 on host host-a")
                .build());
  }

  @Test
  void whatHappenedInOneChangeIsToldInItsOrder() {
    assertThat(types(CloneTeller.changed(null, used(Clone.State.READY).build(), "", NOW)))
        .containsExactly("CLONE_CREATED", "CLONE_READY");
  }

  @Test
  void readyIsToldWithItsAddressAndTheTimeThatItTook() {
    List<Event> events = told(clone(Clone.State.PROVISIONING), used(Clone.State.READY));
    assertThat(types(events)).containsExactly("CLONE_READY");
    assertThat(events.getFirst().getMessage()).isEqualTo("at 127.0.0.1:15001 after 74 ms");
    assertThat(events.getFirst().getTime()).isEqualTo(EARLIER);
  }

  @Test
  void aStepOnTheWayIsNoEvent() {
    assertThat(told(clone(Clone.State.PENDING), clone(Clone.State.PROVISIONING))).isEmpty();
    assertThat(told(used(Clone.State.READY), used(Clone.State.READY))).isEmpty();
    CloneRecord.Builder failing = failed(clone(Clone.State.PROVISIONING));
    assertThat(told(clone(Clone.State.PROVISIONING), failing))
        .as("it is being torn down first")
        .isEmpty();
  }

  @Test
  void aFailureIsToldWithItsCodeAndReason() {
    Event event =
        told(clone(Clone.State.PROVISIONING), failed(clone(Clone.State.FAILED))).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_FAILED");
    assertThat(event.getCode()).isEqualTo("POOL_FULL");
    assertThat(event.getMessage()).isEqualTo("no room");
    assertThat(event.getTime()).isEqualTo(Times.message(NOW));
  }

  @Test
  void aServerThatDiedIsDownAndComesBack() {
    CloneRecord.Builder down = failed(used(Clone.State.PROVISIONING));
    assertThat(types(told(used(Clone.State.READY), down))).containsExactly("CLONE_DOWN");
    assertThat(told(down, down)).isEmpty();
    Event back = told(down, used(Clone.State.READY)).getFirst();
    assertThat(back.getType()).isEqualTo("CLONE_READY");
    assertThat(back.getMessage()).isEqualTo("runs again at 127.0.0.1:15001");
    assertThat(types(told(down, failed(used(Clone.State.FAILED))))).containsExactly("CLONE_FAILED");
  }

  @Test
  void anotherReasonOfAFailureIsNewsTheSameIsNot() {
    CloneRecord.Builder lost = used(Clone.State.FAILED);
    lost.getStatusBuilder().setFailure(WHY.toBuilder().setCode("DATA_LOST"));
    CloneRecord.Builder full = failed(used(Clone.State.FAILED));
    assertThat(types(told(full, lost))).containsExactly("CLONE_FAILED");
    assertThat(told(full, full)).isEmpty();
  }

  @Test
  void stoppingIsNoFault() {
    assertThat(types(told(used(Clone.State.READY), used(Clone.State.STOPPED))))
        .containsExactly("CLONE_STOPPED");
    assertThat(types(told(used(Clone.State.READY), used(Clone.State.OVER_CAP))))
        .containsExactly("CLONE_OVER_CAP");
    assertThat(types(told(used(Clone.State.STOPPED), used(Clone.State.READY))))
        .containsExactly("CLONE_READY");
    assertThat(told(used(Clone.State.READY), used(Clone.State.PROVISIONING)))
        .as("restarted as was asked for")
        .isEmpty();
  }

  @Test
  void aResetIsToldFromItsBeginToItsEnd() {
    CloneRecord.Builder begun = used(Clone.State.RESETTING);
    begun.getWishBuilder().getResetBuilder().setOrigin("app:8");
    List<Event> begin = told(used(Clone.State.READY), begun);
    assertThat(types(begin)).containsExactly("CLONE_RESETTING");
    assertThat(begin.getFirst().getMessage()).isEqualTo("to app:8");
    CloneRecord.Builder done = used(Clone.State.READY);
    done.getStatusBuilder().setLastReset(Reset.newBuilder().setTo("app:8").setEndTime(EARLIER));
    List<Event> end = told(begun, done);
    assertThat(types(end)).containsExactly("CLONE_RESET");
    assertThat(end.getFirst().getTime()).isEqualTo(EARLIER);
    assertThat(told(done, done)).isEmpty();
  }

  @Test
  void aResetThatFailedSaysWhyAndThatNothingChanged() {
    CloneRecord.Builder begun = used(Clone.State.RESETTING);
    begun.getWishBuilder().getResetBuilder().setOrigin("app:8");
    CloneRecord.Builder failed = used(Clone.State.READY);
    failed
        .getStatusBuilder()
        .setLastReset(Reset.newBuilder().setTo("app:8").setEndTime(EARLIER).setFailure(WHY));
    Event event = told(begun, failed).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_RESET_FAILED");
    assertThat(event.getCode()).isEqualTo("POOL_FULL");
    assertThat(event.getMessage()).isEqualTo("to app:8: no room; it is as it was");
    assertThat(types(CloneTeller.present(failed.build()))).containsExactly("CLONE_RESET_FAILED");
  }

  @Test
  void aWarningIsToldOnce() {
    CloneRecord.Builder warned = used(Clone.State.READY);
    warned
        .getStatusBuilder()
        .addWarnings(
            Warning.newBuilder()
                .setCode("EXPIRES_SOON")
                .setMessage("it is deleted in 1h")
                .setTime(EARLIER));
    Event event = told(used(Clone.State.READY), warned).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_WARNING");
    assertThat(event.getCode()).isEqualTo("EXPIRES_SOON");
    assertThat(event.getTime()).isEqualTo(EARLIER);
    assertThat(told(warned, warned)).isEmpty();
  }

  @Test
  void deletingAndGoneAreTold() {
    CloneRecord.Builder deleting = used(Clone.State.DELETING);
    deleting.getMetaBuilder().setDeleteTime(EARLIER);
    assertThat(types(told(used(Clone.State.READY), deleting))).containsExactly("CLONE_DELETING");
    assertThat(types(CloneTeller.changed(deleting.build(), null, "", NOW)))
        .containsExactly("CLONE_GONE");
  }

  @Test
  void anotherCloneOfTheSameNameIsAnotherClone() {
    CloneRecord.Builder second = clone(Clone.State.PENDING);
    second.getMetaBuilder().setUid("u2");
    assertThat(types(told(used(Clone.State.READY), second)))
        .containsExactly("CLONE_GONE", "CLONE_CREATED");
  }

  @Test
  void aCloneThatGotAnotherNameIsToldOfOnceUnderTheOldOne() {
    CloneRecord before = used(Clone.State.READY).build();
    CloneRecord.Builder after = before.toBuilder().setFormerName("fix-1");
    after.getMetaBuilder().setName("fix-2");
    Event event = CloneTeller.changed(before, null, "fix-2", NOW).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_RENAMED");
    assertThat(event.getName()).isEqualTo("fix-1");
    assertThat(event.getMessage()).isEqualTo("is called fix-2 from now on");
    assertThat(CloneTeller.changed(null, after.build(), "", NOW)).isEmpty();
  }

  @Test
  void aSaveIsToldWhenItIsKept() {
    SaveRecord.Builder save =
        SaveRecord.newBuilder().setMeta(Meta.newBuilder().setName("before")).setClone("fix-1");
    assertThat(CloneTeller.saved(null, save.build(), "fix-1", NOW)).isEmpty();
    SaveRecord kept = save.setReady(true).build();
    Event event = CloneTeller.saved(null, kept, "fix-1", NOW).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_SAVED");
    assertThat(event.getMessage()).isEqualTo("kept as fix-1@before");
    assertThat(CloneTeller.saved(kept, kept, "fix-1", NOW)).isEmpty();
  }

  @Test
  void whatIsWellIsNotToldOfAtTheBegin() {
    assertThat(CloneTeller.present(used(Clone.State.READY).build())).isEmpty();
    assertThat(CloneTeller.present(used(Clone.State.STOPPED).build())).isEmpty();
    Event event = CloneTeller.present(failed(clone(Clone.State.FAILED)).build()).getFirst();
    assertThat(event.getType()).isEqualTo("CLONE_FAILED");
    assertThat(event.getPresent()).isTrue();
    assertThat(event.hasTime()).as("nothing says since when").isFalse();
  }

  private static RevisionRecord.Builder revision(Revision.State state) {
    return RevisionRecord.newBuilder()
        .setImage("app")
        .setNumber(7)
        .setBuildHost("host-a")
        .setSourceDescription("shop at db:5432")
        .setState(state);
  }

  @Test
  void aBuildIsToldFromItsBeginToItsEnd() {
    RevisionRecord building = revision(Revision.State.BUILDING).build();
    Event begin = ImageTeller.changed((RevisionRecord) null, building, NOW).getFirst();
    assertThat(begin.getType()).isEqualTo("REVISION_BUILDING");
    assertThat(begin.getName()).isEqualTo("app:7");
    assertThat(begin.getMessage()).isEqualTo("on host host-a from shop at db:5432");
    RevisionRecord ready =
        revision(Revision.State.READY)
            .addReplicas(Replica.newBuilder().setHost("host-a").setState(Replica.State.READY))
            .build();
    assertThat(types(ImageTeller.changed(building, ready, NOW)))
        .containsExactly("REVISION_READY", "REPLICA_READY");
    RevisionRecord failed = revision(Revision.State.FAILED).setFailure(WHY).build();
    assertThat(types(ImageTeller.changed(building, failed, NOW)))
        .containsExactly("REVISION_FAILED");
    assertThat(types(ImageTeller.present(failed))).containsExactly("REVISION_FAILED");
    assertThat(types(ImageTeller.changed(ready, null, NOW))).containsExactly("REVISION_GONE");
  }

  @Test
  void aReplicaThatIsLostIsTold() {
    RevisionRecord.Builder ready =
        revision(Revision.State.READY)
            .addReplicas(Replica.newBuilder().setHost("host-a").setState(Replica.State.READY));
    RevisionRecord.Builder lost =
        revision(Revision.State.READY)
            .addReplicas(
                Replica.newBuilder()
                    .setHost("host-a")
                    .setState(Replica.State.FAILED)
                    .setFailure(WHY));
    assertThat(types(ImageTeller.changed(ready.build(), lost.build(), NOW)))
        .containsExactly("REPLICA_FAILED");
    assertThat(types(ImageTeller.present(lost.build()))).containsExactly("REPLICA_FAILED");
  }

  @Test
  void imagesComeAndGo() {
    ImageRecord.Builder image = ImageRecord.newBuilder().setMeta(Meta.newBuilder().setName("app"));
    ImageRecord kept = image.build();
    image.getMetaBuilder().setDeleteTime(EARLIER);
    assertThat(types(ImageTeller.changed((ImageRecord) null, kept, NOW)))
        .containsExactly("IMAGE_CREATED");
    assertThat(types(ImageTeller.changed(kept, image.build(), NOW)))
        .containsExactly("IMAGE_DELETING");
    assertThat(types(ImageTeller.changed(image.build(), null, NOW))).containsExactly("IMAGE_GONE");
  }

  @Test
  void hostsAreToldWhenTheyAreHeardOfAndWhenNot() {
    HostReport report = HostReport.getDefaultInstance();
    assertThat(types(HostTeller.reported("host-a", null, report, NOW)))
        .containsExactly("HOST_ALIVE");
    assertThat(types(HostTeller.reported("host-a", report, null, NOW)))
        .containsExactly("HOST_LOST");
    assertThat(HostTeller.reported("host-a", report, report, NOW)).isEmpty();
    HostRecord host = HostRecord.getDefaultInstance();
    assertThat(types(HostTeller.present("host-a", host, null))).containsExactly("HOST_LOST");
    assertThat(HostTeller.present("host-a", host, report)).isEmpty();
  }

  @Test
  void cordoningIsTold() {
    HostRecord free = HostRecord.getDefaultInstance();
    HostRecord cordoned = HostRecord.newBuilder().setCordoned(true).build();
    assertThat(types(HostTeller.changed("host-a", free, cordoned, NOW)))
        .containsExactly("HOST_CORDONED");
    assertThat(types(HostTeller.changed("host-a", cordoned, free, NOW)))
        .containsExactly("HOST_UNCORDONED");
    assertThat(types(HostTeller.changed("host-a", null, free, NOW))).containsExactly("HOST_JOINED");
    assertThat(types(HostTeller.changed("host-a", free, null, NOW))).containsExactly("HOST_GONE");
  }

  @Test
  void aPoolOrRuntimeThatGoesIsToldAndComesBack() {
    HostReport well =
        HostReport.newBuilder()
            .addPools(Pool.newBuilder().setName("main").setHealthy(true))
            .addRuntimes("docker")
            .build();
    HostReport ill =
        HostReport.newBuilder()
            .addPools(Pool.newBuilder().setName("main").setProblem("read-only"))
            .putUnavailableRuntimes("docker", "it does not answer")
            .build();
    List<Event> worse = HostTeller.reported("host-a", well, ill, NOW);
    assertThat(types(worse)).containsExactly("POOL_UNHEALTHY", "RUNTIME_LOST");
    assertThat(worse)
        .extracting(Event::getMessage)
        .containsExactly("pool main: read-only", "docker: it does not answer");
    assertThat(types(HostTeller.reported("host-a", ill, well, NOW)))
        .containsExactly("POOL_HEALTHY", "RUNTIME_BACK");
  }

  @Test
  void orphansAreToldWhenTheyAreFoundAndWhenAWishForTheirEndIsCarriedOut() {
    HostRecord none = HostRecord.getDefaultInstance();
    HostRecord some =
        HostRecord.newBuilder().addOrphans(OrphanSeen.newBuilder().setId("ghost.abcd0123")).build();
    HostRecord reaped =
        HostRecord.newBuilder()
            .setLastReap(Reap.newBuilder().setRequestTime(EARLIER).addRemoved("ghost.abcd0123"))
            .build();
    assertThat(types(HostTeller.changed("host-a", none, some, NOW)))
        .containsExactly("ORPHANS_FOUND");
    Event event = HostTeller.changed("host-a", some, reaped, NOW).getFirst();
    assertThat(event.getType()).isEqualTo("ORPHANS_REMOVED");
    assertThat(event.getMessage()).isEqualTo("ghost.abcd0123, as was asked for");
    assertThat(HostTeller.changed("host-a", reaped, reaped, NOW)).isEmpty();
  }
}
