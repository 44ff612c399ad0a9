package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneServiceGrpc;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.EventServiceGrpc;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.HostEvent;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageEvent;
import dev.ramet.proto.v1.ImageServiceGrpc;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.OperationServiceGrpc;
import dev.ramet.proto.v1.RenameCloneRequest;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Step;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WatchCloneRequest;
import dev.ramet.proto.v1.WatchClonesRequest;
import dev.ramet.proto.v1.WatchEventsRequest;
import dev.ramet.proto.v1.WatchHostsRequest;
import dev.ramet.proto.v1.WatchImagesRequest;
import dev.ramet.proto.v1.WatchOperationRequest;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The watches of everything: what is there, then each change, then that it is gone. */
@Timeout(60)
class WatchesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private CoordinatorLab lab;
  private FakeAgent host;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** Clients keep clones by name: what a clone was called before is no older state of it. */
  @Test
  void aRenameIsNotLostOnASlowReader() {
    create("one");
    SlowReader<CloneEvent> reader = new SlowReader<>();
    reader.ready = false;
    Records records =
        new Records(lab.etcd().store(), lab.etcd().informer(), InstantSource.system());
    new CloneWatches(records).watchAll(WatchClonesRequest.getDefaultInstance(), reader);
    var unused =
        lab.clones()
            .renameClone(RenameCloneRequest.newBuilder().setName("one").setNewName("two").build());
    CoordinatorLab.eventually(
        "it is seen", () -> lab.etcd().informer().view().get(Keys.clone("two")).isPresent());
    reader.becomeReady();
    assertThat(reader.got)
        .anySatisfy(event -> {
          assertThat(event.getFormerName()).isEqualTo("one");
          assertThat(event.getClone().getName()).isEqualTo("two");
        })
        .last()
        .satisfies(event -> assertThat(event.getClone().getName()).isEqualTo("two"));
    reader.cancel.run();
  }

  /** One watching caller, and all that it was told. */
  private static final class Watch<E> implements StreamObserver<E>, AutoCloseable {
    private final List<E> events = new CopyOnWriteArrayList<>();
    private final List<Object> ends = new CopyOnWriteArrayList<>();
    private final Context.CancellableContext call = Context.current().withCancellation();

    Watch(Consumer<StreamObserver<E>> begin) {
      call.run(() -> begin.accept(this));
    }

    @Override
    public void onNext(E event) {
      events.add(event);
    }

    @Override
    public void onError(Throwable error) {
      ends.add(error);
    }

    @Override
    public void onCompleted() {
      ends.add("completed");
    }

    void await(String what, Predicate<E> event) {
      CoordinatorLab.eventually(what, () -> events.stream().anyMatch(event));
      assertThat(ends).as("the watch goes on").isEmpty();
    }

    void leave() {
      call.cancel(null);
    }

    @Override
    public void close() {
      leave();
    }
  }

  private Watch<CloneEvent> clones() {
    CloneServiceGrpc.CloneServiceStub stub = CloneServiceGrpc.newStub(lab.channel());
    return new Watch<>(to -> stub.watchClones(WatchClonesRequest.getDefaultInstance(), to));
  }

  private Watch<HostEvent> hosts() {
    HostServiceGrpc.HostServiceStub stub = HostServiceGrpc.newStub(lab.channel());
    return new Watch<>(to -> stub.watchHosts(WatchHostsRequest.getDefaultInstance(), to));
  }

  private Watch<ImageEvent> images() {
    ImageServiceGrpc.ImageServiceStub stub = ImageServiceGrpc.newStub(lab.channel());
    return new Watch<>(to -> stub.watchImages(WatchImagesRequest.getDefaultInstance(), to));
  }

  private void create(String name) {
    lab.create(name);
    lab.awaitState(name, Clone.State.READY);
  }

  private void delete(String name) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(name).build());
    lab.awaitGone(name);
  }

  private void forget(Key<?> key) {
    var unused =
        lab.etcd().store().commit(Txn.begin().delete(lab.etcd().store().get(key).orElseThrow()));
  }

  @Test
  void allClonesAreWatchedFromBeforeToTheEnd() {
    create("early");
    try (Watch<CloneEvent> watch = clones()) {
      watch.await("what was there", is("early", Clone.State.READY));
      create("late");
      watch.await("what came", is("late", Clone.State.READY));
      String uid = lab.find("early").orElseThrow().getUid();
      delete("early");
      CloneEvent gone =
          CloneEvent.newBuilder()
              .setClone(Clone.newBuilder().setName("early").setUid(uid))
              .setDeleted(true)
              .build();
      watch.await("what went, by name and uid only", gone::equals);
      assertThat(watch.events)
          .as("nothing after the end of one")
          .filteredOn(event -> event.getClone().getUid().equals(uid))
          .last()
          .isEqualTo(gone);
      assertThat(watch.events)
          .filteredOn(CloneEvent::getDeleted)
          .as("only what went")
          .containsOnly(gone);
    }
  }

  private static Predicate<CloneEvent> is(String name, Clone.State state) {
    return event ->
        event.getClone().getName().equals(name)
            && event.getClone().getState() == state
            && !event.getDeleted();
  }

  @Test
  void aCloneThatIsRenamedIsToldOfAndGoesOn() {
    create("one");
    Clone one = lab.find("one").orElseThrow();
    CloneServiceGrpc.CloneServiceStub stub = CloneServiceGrpc.newStub(lab.channel());
    try (Watch<CloneEvent> all = clones();
        Watch<CloneEvent> single =
            new Watch<>(
                to -> stub.watchClone(WatchCloneRequest.newBuilder().setName("one").build(), to));
        Watch<Event> events =
            new Watch<>(to ->
                EventServiceGrpc.newStub(lab.channel())
                    .watchEvents(WatchEventsRequest.newBuilder().setFollow(true).build(), to))) {
      all.await("what was there", is("one", Clone.State.READY));
      single.await("what was there", is("one", Clone.State.READY));
      var unused =
          lab.clones()
              .renameClone(
                  RenameCloneRequest.newBuilder().setName("one").setNewName("two").build());
      all.await(
          "its new name",
          event -> is("two", Clone.State.READY).test(event) && event.getFormerName().equals("one"));
      CoordinatorLab.eventually("the watch of one ends", () -> !single.ends.isEmpty());
      assertThat(single.ends).containsExactly("completed");
      assertThat(single.events.getLast().getFormerName()).isEqualTo("one");
      assertThat(single.events.getLast().getClone().getName()).isEqualTo("two");
      events.await(
          "that it was renamed",
          event ->
              event.getType().equals("CLONE_RENAMED")
                  && event.getName().equals("one")
                  && event.getMessage().equals("is called two from now on"));
      assertThat(all.events).as("it is not gone").noneMatch(CloneEvent::getDeleted);
      assertThat(events.events)
          .extracting(Event::getType)
          .doesNotContain("CLONE_GONE", "CLONE_CREATED");
      create("one");
      try (Watch<CloneEvent> again =
          new Watch<>(to ->
              stub.watchClone(
                  WatchCloneRequest.newBuilder().setName("one").setUid(one.getUid()).build(),
                  to))) {
        again.await("by its uid", is("two", Clone.State.READY));
      }
    }
  }

  @Test
  void theClonesOfAHostThatIsLostAreToldAgain() {
    create("c");
    try (Watch<CloneEvent> watch = clones()) {
      watch.await("there", event -> !event.getClone().getHostLost());
      lab.lose(host);
      watch.await("lost", event -> event.getClone().getHostLost());
      int before = watch.events.size();
      lab.report(host);
      CoordinatorLab.eventually(
          "back",
          () ->
              watch.events.stream()
                  .skip(before)
                  .anyMatch(event -> !event.getClone().getHostLost()));
    }
  }

  @Test
  void allHostsAreWatchedFromBeforeToTheEnd() {
    try (Watch<HostEvent> watch = hosts()) {
      watch.await("what was there", event -> isHost(event, "host-a") && event.getHost().getAlive());
      lab.host("host-b");
      watch.await("what came", event -> isHost(event, "host-b") && event.getHost().getAlive());
      var unused =
          lab.hosts()
              .updateHost(
                  UpdateHostRequest.newBuilder()
                      .setHost(Host.newBuilder().setName("host-a").setCordoned(true))
                      .setUpdateMask(FieldMask.newBuilder().addPaths("cordoned"))
                      .build());
      watch.await("what changed", event -> event.getHost().getCordoned());
      lab.lose(host);
      watch.await("what is lost", event -> isHost(event, "host-a") && !event.getHost().getAlive());
      forget(Keys.host("host-a"));
      HostEvent gone =
          HostEvent.newBuilder()
              .setHost(Host.newBuilder().setName("host-a"))
              .setDeleted(true)
              .build();
      watch.await("what went, by name only", gone::equals);
    }
  }

  private static boolean isHost(HostEvent event, String name) {
    return event.getHost().getName().equals(name) && !event.getDeleted();
  }

  @Test
  void allImagesAreWatchedFromBeforeToTheEnd() {
    try (Watch<ImageEvent> watch = images()) {
      watch.await("what was there", event -> latest(event, "app") == 1);
      lab.build("other");
      watch.await(
          "a build that goes on",
          event ->
              isImage(event, "other")
                  && event.getImage().getRevisions(0).getState() == Revision.State.BUILDING);
      watch.await("what came", event -> latest(event, "other") == 1);
      lab.build("app");
      watch.await("a second revision", event -> latest(event, "app") == 2);
      var unused =
          lab.images()
              .updateImage(
                  UpdateImageRequest.newBuilder()
                      .setImage(Image.newBuilder().setName("app").setDescription("the shop"))
                      .setUpdateMask(FieldMask.newBuilder().addPaths("description"))
                      .build());
      watch.await("what changed", event -> event.getImage().getDescription().equals("the shop"));
      lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build());
      ImageEvent gone =
          ImageEvent.newBuilder()
              .setImage(Image.newBuilder().setName("app"))
              .setDeleted(true)
              .build();
      watch.await("what went, by name only", gone::equals);
      assertThat(watch.events)
          .as("nothing after the end of one")
          .filteredOn(event -> event.getImage().getName().equals("app"))
          .last()
          .isEqualTo(gone);
    }
  }

  private static boolean isImage(ImageEvent event, String name) {
    return event.getImage().getName().equals(name) && event.getImage().getRevisionsCount() > 0;
  }

  private static long latest(ImageEvent event, String name) {
    return event.getImage().getName().equals(name) ? event.getImage().getLatest() : 0;
  }

  /** What the command line draws its line from. */
  @Test
  void aBuildIsWatchedWithItsStepsAndTheirBytesAndTheWatchEndsWithIt() {
    host.hold("LoadSource");
    String id = lab.build("other").getId();
    OperationServiceGrpc.OperationServiceStub stub = OperationServiceGrpc.newStub(lab.channel());
    WatchOperationRequest request = WatchOperationRequest.newBuilder().setId(id).build();
    try (Watch<Operation> watch = new Watch<>(to -> stub.watchOperation(request, to))) {
      watch.await(
          "bytes of the step that runs",
          operation ->
              operation.getStepsList().stream()
                  .anyMatch(step ->
                      step.getName().equals("base-backup")
                          && step.getState() == Step.State.RUNNING
                          && step.getBytesDone() == 300 << 10
                          && step.getBytesTotal() == 1 << 20));
      host.release("LoadSource");
      CoordinatorLab.eventually("it ends", () -> watch.ends.equals(List.of("completed")));
      Operation last = watch.events.getLast();
      assertThat(last.getDone()).isTrue();
      assertThat(last.getStepsList()).extracting(Step::getState).containsOnly(Step.State.SUCCEEDED);
    }
  }

  /** A slow reader misses steps in between, but a watcher that left costs nothing. */
  @Test
  void aWatcherThatLeftIsForgotten() {
    try (Watch<CloneEvent> first = clones();
        Watch<CloneEvent> second = clones()) {
      create("c");
      second.await("told", is("c", Clone.State.READY));
      first.leave();
      CoordinatorLab.eventually("left", () -> !first.ends.isEmpty());
      int heard = first.events.size();
      delete("c");
      second.await("told on", CloneEvent::getDeleted);
      assertThat(first.events).hasSize(heard);
    }
  }
}
