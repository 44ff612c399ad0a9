package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.ForwardingStore;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.Operation;
import io.grpc.Status;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deletions of a revision that clones of it come between. */
@Timeout(120)
class ImageDeletionsIT {
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
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** Each write of the revision by the deletion is preceded by the next of these. */
  private ImageDeletions preceded(Runnable... events) {
    Deque<Runnable> left = new ArrayDeque<>(List.of(events));
    ForwardingStore store =
        new ForwardingStore(lab.etcd().store()) {
          @Override
          protected void beforeWrite(List<Key<?>> keys) {
            if (keys.stream().anyMatch(key -> key.kind() == Kind.REVISION)) {
              Optional.ofNullable(left.poll()).ifPresent(Runnable::run);
            }
          }
        };
    return new ImageDeletions(new Records(store, lab.etcd().informer(), InstantSource.system()));
  }

  private void delete(String clone) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(clone).build());
    lab.awaitGone(clone);
  }

  private Optional<RevisionRecord> revision() {
    return lab.etcd().store().get(Keys.revision("app", 1)).map(found -> found.value());
  }

  @Test
  void aCloneThatWasFirstIsKeptAndItsRevisionToo() {
    ImageDeletions deletions = preceded(() -> lab.create("c"));
    assertThatThrownBy(() -> deletions.deleteRevision("app", 1))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault().code()).isEqualTo("IMAGE_HAS_CLONES"));
    lab.awaitState("c", Clone.State.READY);
    assertThat(revision().orElseThrow().getMeta().hasDeleteTime()).isFalse();
    assertThat(first.snapshots()).hasSize(1);
    assertThat(second.snapshots()).hasSize(1);
  }

  /** The clone is gone again when the deletion wants to take itself back: it is too late then. */
  @Test
  void aDeletionThatBeganToRemoveSnapshotsIsNotTakenBack() {
    second.refuse("DeleteSnapshot", Status.Code.INTERNAL);
    ImageDeletions deletions =
        preceded(
            () -> lab.create("c"),
            () -> {
              delete("c");
              CoordinatorLab.eventually("half removed", () -> first.snapshots().isEmpty());
            });
    Operation operation = deletions.deleteRevision("app", 1);
    assertThat(revision().orElseThrow().getMeta().hasDeleteTime())
        .as("a revision that lacks a snapshot is not offered again")
        .isTrue();
    second.heal();
    CoordinatorLab.eventually("gone", () -> lab.operation(operation.getId()).getDone());
    assertThat(revision()).isEmpty();
    assertThat(second.snapshots()).isEmpty();
  }
}
