package dev.ramet.coordinator.server;

import dev.ramet.coordinator.api.AdminApi;
import dev.ramet.coordinator.api.ArrayApi;
import dev.ramet.coordinator.api.CloneApi;
import dev.ramet.coordinator.api.EventApi;
import dev.ramet.coordinator.api.HostApi;
import dev.ramet.coordinator.api.ImageApi;
import dev.ramet.coordinator.api.OperationApi;
import dev.ramet.coordinator.api.ProxyApi;
import dev.ramet.coordinator.api.Records;
import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fleet.EventLoops;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.reconcile.Reconciler;
import dev.ramet.coordinator.store.Etcd;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;

/** The parts and how they hang together: one place, by constructors. */
@Factory
final class Wiring {
  @Singleton
  @Bean(preDestroy = "close")
  Etcd etcd(EtcdSettings etcd, HostSettings hosts) {
    return Etcd.open(etcd.store(hosts.ttl()));
  }

  @Singleton
  @Bean(preDestroy = "close")
  EventLoops eventLoops() {
    return new EventLoops();
  }

  @Singleton
  @Bean(preDestroy = "close")
  Fleet fleet(AgentSettings agents, EventLoops loops) {
    return new Fleet(agents.deadlines(), loops);
  }

  @Singleton
  Placement placement(PlacementSettings settings) {
    return settings.placement();
  }

  @Singleton
  @Bean(preDestroy = "close")
  Reconciler reconciler(
      Etcd etcd,
      Fleet fleet,
      Placement placement,
      ReconcilerSettings settings,
      GrowthSettings growth,
      MeterRegistry meters) {
    return new Reconciler(
        etcd.store(),
        etcd.informer(),
        fleet,
        placement,
        settings.reconcile(),
        growth.lookEvery(),
        new Metrics(meters),
        InstantSource.system(),
        new SplittableRandom());
  }

  /** For looking: what changes an array is the leader's. */
  @Singleton
  @Bean(preDestroy = "close")
  Arrays arrays(Etcd etcd) {
    return new Arrays(etcd.store(), "", () -> 0);
  }

  @Singleton
  GrpcServices services(
      Etcd etcd,
      Fleet fleet,
      Arrays arrays,
      Placement placement,
      PlacementSettings sizes,
      HostSettings hosts,
      LifetimeSettings lifetimes,
      GrowthSettings growth) {
    Records records = new Records(etcd.store(), etcd.informer(), InstantSource.system());
    return new GrpcServices(
        List.of(
            new CloneApi(records, fleet, arrays, placement, lifetimes.policy(), growth.policy()),
            new ImageApi(records, fleet, arrays, placement, sizes.sizing(), lifetimes.policy()),
            new HostApi(records, etcd.hostLeases(), hosts.heartbeat()),
            new ArrayApi(records, arrays),
            new OperationApi(records),
            new ProxyApi(records, fleet),
            new EventApi(records),
            new AdminApi(records, fleet, arrays)));
  }
}
