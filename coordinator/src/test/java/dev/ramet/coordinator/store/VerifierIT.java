package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A view that no watch feeds, as behind a watch that fell silent. */
@Timeout(60)
class VerifierIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private final GuardedView view = new GuardedView();
  private Links links;
  private EtcdStore store;
  private Verifier verifier;
  private Versioned<CloneRecord> there;

  @BeforeEach
  void listOnce() {
    etcd.clear();
    StoreSettings settings = StoreTests.hasty(etcd.endpoints());
    links = new Links(settings);
    Requests requests = new Requests(links, settings);
    store = new EtcdStore(requests);
    verifier = new Verifier(requests, view);
    there = create("there");
    view.write(Listing.read(requests)::applyTo);
  }

  @AfterEach
  void close() {
    links.close();
  }

  @Test
  void aCompleteViewIsComplete() throws InterruptedException {
    assertThat(verifier.verify()).isInstanceOf(Verifier.Complete.class);
  }

  @Test
  void aMissedRecordIsNoticed() throws InterruptedException {
    create("missed");
    assertThat(verifier.verify()).isInstanceOf(Verifier.Incomplete.class);
  }

  @Test
  void aMissedChangeIsNoticed() throws InterruptedException {
    store.commitOrThrow(Txn.begin().update(there, cloneOf("changed")));
    assertThat(verifier.verify()).isInstanceOf(Verifier.Incomplete.class);
  }

  @Test
  void aMissedDeletionIsNoticed() throws InterruptedException {
    store.commitOrThrow(Txn.begin().delete(there));
    assertThat(verifier.verify()).isInstanceOf(Verifier.Incomplete.class);
  }

  @Test
  void aRecordThatWasLostAmongOthersIsNoticed() throws InterruptedException {
    create("missed");
    long revision = create("seen").modRevision();
    view.write(live -> {
      live.reach(revision); // as if the event of "seen" alone had come, and without its record
      return List.of();
    });
    assertThat(verifier.verify()).isInstanceOf(Verifier.Incomplete.class);
  }

  @Test
  void whatOthersWriteElsewhereIsNoLoss() throws InterruptedException {
    etcd.put("/elsewhere", new byte[] {1});
    assertThat(verifier.verify())
        .isEqualTo(new Verifier.Complete(view.revision(), view.revision() + 1));
  }

  @Test
  void anEtcdThatWentBackIsNoticed() throws InterruptedException {
    view.write(live -> {
      live.reach(live.revision() + 1000); // as after a restore from a backup
      return List.of();
    });
    assertThat(verifier.verify()).isInstanceOf(Verifier.Incomplete.class);
  }

  private Versioned<CloneRecord> create(String name) {
    Key<CloneRecord> key = Keys.clone(name);
    return store.commitOrThrow(Txn.begin().create(key, cloneOf("u"))).written(key);
  }
}
