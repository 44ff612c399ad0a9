package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.eventually;
import static dev.ramet.coordinator.store.StoreTests.pause;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.HostLeases.Renewal;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.v1.HostReport;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class EtcdHostLeasesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final HostReport REPORT = HostReport.newBuilder().setCpus(2).build();
  private static final HostReport OTHER = HostReport.newBuilder().setCpus(4).build();
  private static final Renewal KEPT = new Renewal(false, false);

  private Etcd one;
  private Etcd two;

  @BeforeEach
  void open() {
    etcd.clear();
    one = Etcd.open(StoreTests.hasty(etcd.endpoints())); // hosts live for 2 s
    two = Etcd.open(StoreTests.hasty(etcd.endpoints()));
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void aHostLivesAsLongAsItReportsToWhicheverCoordinator() {
    assertThat(one.hostLeases().renew("h", REPORT, false)).isEqualTo(new Renewal(true, true));
    for (int i = 0; i < 8; i++) {
      pause(Duration.ofMillis(500));
      Etcd next = i % 2 == 0 ? two : one;
      assertThat(next.hostLeases().renew("h", REPORT, false)).isEqualTo(KEPT);
    }
    assertThat(report()).isEqualTo(REPORT);
    Duration took =
        eventually(
            "the silent host is gone",
            Duration.ofSeconds(8),
            () -> two.informer().view().get(Keys.hostAlive("h")).isEmpty());
    System.out.printf("silent host with 2 s to live seen gone after %d ms%n", took.toMillis());
    assertThat(two.hostLeases().renew("h", REPORT, false)).isEqualTo(new Renewal(true, true));
  }

  @Test
  void onlyAReportThatMattersIsWritten() {
    one.hostLeases().renew("h", REPORT, true);
    long written = one.store().get(Keys.hostAlive("h")).orElseThrow().modRevision();
    assertThat(one.hostLeases().renew("h", OTHER, false)).isEqualTo(KEPT);
    assertThat(one.store().get(Keys.hostAlive("h")).orElseThrow().modRevision()).isEqualTo(written);
    assertThat(two.hostLeases().renew("h", OTHER, true)).isEqualTo(new Renewal(false, true));
    assertThat(report()).isEqualTo(OTHER);
    pause(Duration.ofSeconds(1));
    assertThat(one.hostLeases().renew("h", OTHER, false)).isEqualTo(KEPT);
  }

  @Test
  void aHostThatSaysGoodbyeIsGoneAtOnce() {
    one.hostLeases().renew("h", REPORT, true);
    two.hostLeases().release("h");
    assertThat(one.store().get(Keys.hostAlive("h"))).isEmpty();
    two.hostLeases().release("h");
  }

  @Test
  void aHostOutlivesARestartOfEtcd() {
    one.hostLeases().renew("h", REPORT, true);
    etcd.kill();
    etcd.restart();
    one.hostLeases().renew("h", REPORT, false);
    assertThat(report()).isEqualTo(REPORT);
  }

  private HostReport report() {
    return one.store().get(Keys.hostAlive("h")).orElseThrow().value();
  }
}
