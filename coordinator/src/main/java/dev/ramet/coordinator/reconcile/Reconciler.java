package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.store.Election;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Leadership;
import dev.ramet.coordinator.store.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reconciles while this coordinator leads: one {@link TermRun} per term. */
public final class Reconciler implements Election.Listener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  private final Store store;
  private final Informer informer;
  private final Fleet fleet;
  private final Placement placement;
  private final ReconcileSettings settings;
  private final Duration growthEvery;
  private final Telemetry telemetry;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reconcile-timer").factory());
  private volatile Optional<TermRun> run = Optional.empty();

  /**
   * Does nothing before it is elected.
   *
   * @param growthEvery how often hosts are asked how much clones have grown
   */
  public Reconciler(
      Store store,
      Informer informer,
      Fleet fleet,
      Placement placement,
      ReconcileSettings settings,
      Duration growthEvery,
      Telemetry telemetry,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.informer = informer;
    this.fleet = fleet;
    this.placement = placement;
    this.settings = settings;
    this.growthEvery = growthEvery;
    this.telemetry = telemetry;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public void elected(Leadership leadership) {
    log.atInfo().addKeyValue("fence", leadership.fence()).log("leading: reconciling begins");
    Term term = new Term(leadership, store, informer, fleet, clock, random);
    TermRun next = new TermRun(term, informer, placement, settings, growthEvery, telemetry, timer);
    end();
    run = Optional.of(next);
    next.start();
  }

  @Override
  public void lost(Leadership leadership) {
    log.atWarn().addKeyValue("fence", leadership.fence()).log("the term is over: reconciling ends");
    end();
  }

  /** Keys that are being looked at or wait for their next turn. */
  public int queueDepth() {
    return run.map(TermRun::depth).orElse(0);
  }

  @Override
  public void close() {
    end();
    timer.shutdownNow();
  }

  private synchronized void end() {
    run.ifPresent(TermRun::close);
    run = Optional.empty();
  }
}
