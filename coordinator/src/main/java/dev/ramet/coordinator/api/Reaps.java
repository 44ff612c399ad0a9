package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.HostReaps;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.Reap;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Wishes that orphans go at once. They are written into the host's record; the leader finds them
 * there, and its answer is found there too.
 */
final class Reaps {
  private final Records records;

  Reaps(Records records) {
    this.records = records;
  }

  /** Records the wish for one host; one that is away is not asked. */
  Reap ask(String host) {
    if (HostViews.alive(records.view(), host).isEmpty()) {
      return failed(host, Agents.lost(host));
    }
    Optional<Versioned<HostRecord>> written =
        records
            .store()
            .modify(
                Keys.host(host),
                record -> record.toBuilder().setReapTime(Times.message(records.now())).build());
    written.ifPresent(record -> records.catchUp(record.modRevision()));
    return written
        .map(record ->
            Reap.newBuilder().setHost(host).setRequestTime(record.value().getReapTime()).build())
        .orElseGet(() -> gone(host));
  }

  void watch(List<Reap> asked, StreamObserver<Reap> observer) {
    Set<String> hosts = asked.stream().map(Reap::getHost).collect(Collectors.toSet());
    Set<String> told = new HashSet<>();
    WatchStream<Reap> stream =
        WatchStream.open(
            records.informer(),
            key -> key.kind() == Kind.HOST && hosts.contains(key.name()),
            observer,
            (change, to) -> tell(asked, told, to));
    tell(asked, told, stream); // a host that is gone makes no change
  }

  /** By one thread at a time: the end must not overtake what another has still to tell. */
  private void tell(List<Reap> asked, Set<String> told, WatchStream<Reap> stream) {
    synchronized (told) {
      View view = records.informer().view();
      boolean over = true;
      for (Reap wish : asked) {
        Optional<Reap> outcome = outcome(view, wish);
        outcome
            .filter(_ -> told.add(wish.getHost()))
            .ifPresent(reap -> stream.offer(wish.getHost(), reap));
        over &= outcome.isPresent();
      }
      if (over) {
        stream.end();
      }
    }
  }

  private static Optional<Reap> outcome(View view, Reap wish) {
    if (!wish.hasRequestTime()) {
      return Optional.of(wish); // that host was not asked
    }
    Optional<HostRecord> host = view.get(Keys.host(wish.getHost())).map(Versioned::value);
    if (host.isEmpty() || host.get().getMeta().hasDeleteTime()) {
      return Optional.of(gone(wish.getHost()));
    }
    return HostReaps.isCarriedOut(host.get(), wish.getRequestTime())
        ? Optional.of(host.get().getLastReap())
        : Optional.empty();
  }

  private static Reap gone(String host) {
    return failed(
        host, ErrorCode.HOST_NOT_FOUND.fault("host %s is not recorded any more".formatted(host)));
  }

  private static Reap failed(String host, Fault why) {
    return Reap.newBuilder().setHost(host).setFailure(Failures.message(why)).build();
  }
}
