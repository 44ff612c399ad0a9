package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.MeanwhileStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What most tests of a clone's life begin with: one host, a leader, and the image "app". */
abstract class AppOnOneHost {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  CoordinatorLab lab;
  FakeAgent host;
  CloneUser user;

  /** The API's store, for what is to happen between its look and its write. */
  MeanwhileStore meanwhile;

  @BeforeEach
  final void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd, this::over);
    user = new CloneUser(lab);
    host = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  private Store over(Store store) {
    meanwhile = new MeanwhileStore(store);
    return meanwhile;
  }

  @AfterEach
  final void close() {
    lab.close();
  }

  /** Once a call was cut; the host answers again. */
  final void changeLeaderAfterCut(int call) {
    CoordinatorLab.eventually("cut at call " + call, () -> host.cutCalls() > 0);
    lab.stopReconciler();
    host.heal();
    lab.startReconciler();
  }
}
