package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.Clone;
import dev.ramet.client.ImageChange;
import dev.ramet.client.RametClient;
import dev.ramet.client.WarmPool;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.coordinator.testing.users.Asking;
import dev.ramet.coordinator.testing.users.Contents;
import dev.ramet.coordinator.testing.users.Crowd;
import dev.ramet.coordinator.testing.users.Site;
import dev.ramet.coordinator.testing.users.Timeline;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Users do random things with their clones, some of which were warm, on three hosts in memory, with
 * a real etcd. {@code -Dramet.seed=N} repeats a run's choices, not its timing; {@code
 * -Dramet.rounds=N} makes it longer or shorter.
 */
class ManyLivesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Duration SETTLED = Duration.ofSeconds(30);
  private static final int USERS = 4;
  private static final int OPERATIONS = 2000;
  private static final int ROUNDS = Integer.getInteger("ramet.rounds", 286);
  private static final int VICTIMS = 8;
  private static final int WARM = 2;

  private final long seed = Long.getLong("ramet.seed", System.nanoTime());
  private final Timeline timeline = new Timeline();
  private final List<FakeAgent> hosts = new ArrayList<>();
  private final Set<FakeAgent> silent = ConcurrentHashMap.newKeySet();
  private CoordinatorLab lab;
  private RametClient client;
  private Thread heartbeats;

  @BeforeEach
  void open() throws InterruptedException {
    System.out.println("seed " + seed);
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    for (String name : List.of("host-a", "host-b", "host-c")) {
      hosts.add(lab.host(name));
    }
    lab.startReconciler();
    lab.buildApp();
    client =
        RametClient.builder().server(lab.address()).callTimeout(Duration.ofSeconds(15)).build();
    client.images().update("app", new ImageChange().warm(WARM, 0));
    heartbeats = Thread.ofVirtual().start(this::beat);
  }

  @AfterEach
  void close() throws InterruptedException {
    heartbeats.interrupt();
    heartbeats.join();
    client.close();
    lab.close();
  }

  private void beat() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        for (FakeAgent host : hosts) {
          if (!silent.contains(host)) {
            lab.report(host);
          }
        }
        Thread.sleep(1000);
      } catch (StatusRuntimeException notTaken) {
        timeline.tell("heartbeat", notTaken.getMessage());
      } catch (InterruptedException over) {
        return;
      }
    }
  }

  private Crowd crowd(Asking asking) {
    Site site = new Site(client, new InMemory(), hosts.size(), List.of("process"), timeline);
    return new Crowd(USERS, seed, site, asking);
  }

  private final class InMemory implements Contents {
    private FakeAgent host(Clone clone) {
      return hosts.stream().filter(h -> h.name().equals(clone.host())).findFirst().orElseThrow();
    }

    private static int port(Clone clone) throws IOException {
      if (clone.endpoint() == null) {
        throw new IOException("no port");
      }
      return clone.endpoint().port();
    }

    @Override
    public String read(Clone clone) throws IOException {
      return host(clone).read(port(clone));
    }

    @Override
    public void write(Clone clone, String words) throws IOException {
      host(clone).write(port(clone), words);
    }
  }

  @Test
  void whateverUsersDoHostsAndRecordsAreAsTheirModelsSay() throws Exception {
    Crowd crowd = crowd(Asking.once());
    timeline.follow(
        seed,
        () -> {
          while (crowd.done() < OPERATIONS) {
            crowd.act(25);
            crowd.awaitAgreement(SETTLED, this::differences);
          }
          end(crowd);
        });
  }

  @Test
  void whateverIsKilledEverythingIsAsTheUsersModelsSay() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Crowd crowd = crowd(Asking.again(Duration.ofSeconds(60)));
    timeline.follow(
        seed,
        () -> {
          for (int round = 1; round <= ROUNDS; round++) {
            timeline.tell("round " + round, "begins");
            crowd.act(2, () -> kill(random));
            crowd.awaitAgreement(SETTLED, this::differences);
          }
          end(crowd);
        });
  }

  private void end(Crowd crowd) throws Exception {
    crowd.leave();
    client.images().update("app", new ImageChange().warm(0, 0));
    crowd.awaitAgreement(SETTLED, this::differences);
    System.out.printf("%d operations, %d claims%n", crowd.done(), crowd.claims());
    assertThat(crowd.claims()).isPositive();
    assertThat(lab.ports()).isZero();
    for (FakeAgent host : hosts) {
      assertThat(host.isEmpty()).isTrue();
      assertThat(host.snapshots()).as("only the image").hasSize(1);
    }
  }

  /** What hosts hold against what records want, and what the model says of both. */
  private List<String> differences() {
    List<String> found = new ArrayList<>();
    List<Clone> clones = client.clones().list();
    WarmPool pool = client.images().get("app").warm();
    int warm = pool == null ? 0 : pool.wanted();
    long running =
        warm + clones.stream().filter(clone -> clone.state() == Clone.State.READY).count();
    int all = warm + clones.size();
    int records = lab.etcd().informer().view().count(Kind.CLONE);
    int volumes = hosts.stream().mapToInt(host -> host.volumes().size()).sum();
    int instances = hosts.stream().mapToInt(host -> host.instances().size()).sum();
    if (records != all || volumes != all || instances != running || lab.ports() != all) {
      found.add(
          "%d clones, %d of them warm, %d running: %d records, %d volumes, %d instances, %d ports"
              .formatted(all, warm, running, records, volumes, instances, lab.ports()));
    }
    if (pool != null && pool.ready() != warm) {
      found.add("%d of %d warm clones wait".formatted(pool.ready(), warm));
    }
    return found;
  }

  /** One thing is killed, or one host's agent goes away, while users are busy; and comes back. */
  private Object kill(RandomGenerator random) throws InterruptedException {
    pause(random, 60);
    FakeAgent host = hosts.get(random.nextInt(hosts.size()));
    int victim = random.nextInt(VICTIMS);
    Cut cut = random.nextBoolean() ? Cut.BEFORE_EFFECT : Cut.AFTER_EFFECT;
    switch (victim) {
      case 0 -> {
        timeline.tell("killer", "the leader");
        lab.stopReconciler();
        pause(random, 100);
        lab.startReconciler();
      }
      case 1 -> {
        Duration skew = Duration.ofSeconds(random.nextInt(-600, 600));
        timeline.tell("killer", "the leader; the next one's clock is off by " + skew);
        lab.stopReconciler();
        lab.startReconciler(InstantSource.offset(InstantSource.system(), skew));
      }
      case 2, 3 -> {
        int calls = random.nextInt(4);
        timeline.tell("killer", "%s after %d calls, %s".formatted(host.name(), calls, cut));
        host.cutFrom(calls, cut);
        pause(random, 300);
        host.uncut();
      }
      case 4 -> {
        timeline.tell("killer", host.name() + " is rebooted");
        host.cutFrom(0, cut);
        host.reboot();
        pause(random, 100);
        host.uncut();
      }
      case 5 -> {
        List<String> running = host.instances().stream().filter(host::isRunning).toList();
        if (!running.isEmpty()) {
          String instance = running.get(random.nextInt(running.size()));
          timeline.tell("killer", instance);
          host.killInstance(instance);
        }
      }
      case 6 -> {
        timeline.tell("killer", "etcd");
        etcd.kill();
        pause(random, 100);
        etcd.restart();
      }
      default -> {
        timeline.tell("killer", host.name() + " is lost for a while");
        silent.add(host);
        lab.lose(host);
        host.cutFrom(0, cut);
        pause(random, 300);
        host.uncut();
        silent.remove(host);
        lab.report(host);
      }
    }
    timeline.tell("killer", "done");
    return victim;
  }

  private static void pause(RandomGenerator random, int millis) throws InterruptedException {
    Thread.sleep(random.nextInt(millis));
  }
}
