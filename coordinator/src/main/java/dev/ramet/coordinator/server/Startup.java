package dev.ramet.coordinator.server;

import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.reconcile.Reconciler;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.store.Election;
import dev.ramet.coordinator.store.Etcd;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Kind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The order of starting: the API listens, then etcd is waited for, then the campaign begins. */
@Singleton
final class Startup implements ApplicationEventListener<ServerStartupEvent> {
  private static final Logger log = LoggerFactory.getLogger(Startup.class);
  private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
  private static final int HEALTH_SECONDS = 1;
  private static final String OFFICE = "reconciler";

  private final Etcd etcd;
  private final EtcdSettings settings;
  private final GrpcServer server;
  private final Reconciler reconciler;
  private final MeterRegistry meters;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("health").factory());
  private volatile Optional<Election> election = Optional.empty();
  private volatile Optional<Future<?>> healthUpdates = Optional.empty();

  Startup(
      Etcd etcd,
      EtcdSettings settings,
      GrpcServer server,
      Reconciler reconciler,
      MeterRegistry meters) {
    this.etcd = etcd;
    this.settings = settings;
    this.server = server;
    this.reconciler = reconciler;
    this.meters = meters;
  }

  @Override
  public void onApplicationEvent(ServerStartupEvent event) {
    server.start();
    server.setServing(false);
    registerGauges();
    Thread.startVirtualThread(this::sayWhenSynced);
    election =
        Optional.of(
            etcd.campaign(OFFICE, candidate(server.port()), settings.leaderTtl(), reconciler));
    healthUpdates =
        Optional.of(
            timer.scheduleWithFixedDelay(
                () -> server.setServing(isFresh()),
                HEALTH_SECONDS,
                HEALTH_SECONDS,
                TimeUnit.SECONDS));
  }

  /** The records are known, and were verified lately. */
  boolean isFresh() {
    Informer informer = etcd.informer();
    return informer.view().revision() > 0 && informer.staleSince().isEmpty();
  }

  /** "leader", "follower". */
  String role() {
    return election.flatMap(Election::leadership).isPresent() ? "leader" : "follower";
  }

  Optional<String> leader() {
    return election.flatMap(Election::leader);
  }

  @PreDestroy
  void stop() {
    healthUpdates.ifPresent(updates -> updates.cancel(false));
    timer.shutdownNow();
    election.ifPresent(Election::close);
  }

  private void sayWhenSynced() {
    try {
      while (!etcd.informer().awaitSynced(SAY_AGAIN)) {
        log.atWarn()
            .addKeyValue("endpoints", settings.endpoints())
            .log("waiting for etcd; calls are answered with UNAVAILABLE meanwhile");
      }
      server.setServing(true);
      log.info("the records are there");
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private void registerGauges() {
    Gauge.builder("ramet.reconcile.queue", reconciler, Reconciler::queueDepth).register(meters);
    Gauge.builder("ramet.leader", this, self -> self.role().equals("leader") ? 1 : 0)
        .register(meters);
    Gauge.builder("ramet.store.fresh", this, self -> self.isFresh() ? 1 : 0).register(meters);
    Gauge.builder("ramet.clones.warm", this, Startup::countWarm).register(meters);
    for (CloneState state : CloneState.values()) {
      if (state != CloneState.GONE) {
        Gauge.builder("ramet.clones", this, self -> self.count(state))
            .tag("state", state.name().toLowerCase(Locale.ROOT))
            .register(meters);
      }
    }
  }

  private long count(CloneState state) {
    return etcd.informer().view().list(Kind.CLONE).stream()
        .filter(clone -> !CloneRecords.isWarm(clone.value()))
        .filter(clone -> CloneRecords.state(clone.value()) == state)
        .count();
  }

  private long countWarm() {
    return etcd.informer().view().list(Kind.CLONE).stream()
        .filter(clone -> CloneRecords.isWarm(clone.value()))
        .filter(clone -> CloneRecords.state(clone.value()) == CloneState.READY)
        .count();
  }

  private static String candidate(int port) {
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      return "%s:%d/%s".formatted(InetAddress.getLocalHost().getHostName(), port, pid);
    } catch (UnknownHostException nameless) {
      return "localhost:%d/%s".formatted(port, pid);
    }
  }
}
