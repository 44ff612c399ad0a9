package dev.ramet.coordinator.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One coordinator's connection to etcd and all that stands on it. Opening does not wait for etcd;
 * closing ends elections (stepping down), the watch and the connection.
 */
public final class Etcd implements AutoCloseable {
  private final Links links;
  private final Requests requests;
  private final EtcdStore store;
  private final EtcdInformer informer;
  private final EtcdHostLeases hostLeases;
  private final Set<LeaseElection> elections = ConcurrentHashMap.newKeySet();

  private Etcd(StoreSettings settings) {
    links = new Links(settings);
    requests = new Requests(links, settings);
    store = new EtcdStore(requests);
    informer = new EtcdInformer(links, requests);
    hostLeases = new EtcdHostLeases(requests);
  }

  /** Returns at once; the connection is made, and made again, in the background. */
  public static Etcd open(StoreSettings settings) {
    Etcd etcd = new Etcd(settings);
    etcd.informer.start();
    return etcd;
  }

  public Store store() {
    return store;
  }

  public Informer informer() {
    return informer;
  }

  public HostLeases hostLeases() {
    return hostLeases;
  }

  /**
   * Begins to campaign.
   *
   * @param name of the office, a DNS label
   * @param candidate who we are, for people to read
   * @param ttl how long a term outlives its silent holder; whole seconds, at least 2
   */
  public Election campaign(
      String name, String candidate, Duration ttl, Election.Listener listener) {
    LeaseElection election =
        new LeaseElection(requests, Keys.election(name), candidate, ttl, listener);
    elections.add(election);
    election.start();
    return election;
  }

  @Override
  public void close() {
    elections.forEach(LeaseElection::close);
    informer.close();
    links.close();
  }
}
