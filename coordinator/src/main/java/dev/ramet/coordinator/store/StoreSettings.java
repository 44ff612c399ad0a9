package dev.ramet.coordinator.store;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How to reach etcd and how long to wait.
 *
 * @param endpoints client URLs of the members, {@code http://host:port}
 * @param attemptTimeout of one request
 * @param callTimeout of one call with all its attempts, where the caller gives none
 * @param verifyInterval how often the view is compared with etcd
 * @param relistInterval how often the view is listed anew
 * @param hostTtl how long a host lives after its last report; whole seconds
 */
public record StoreSettings(
    List<URI> endpoints,
    Duration attemptTimeout,
    Duration callTimeout,
    Duration verifyInterval,
    Duration relistInterval,
    Duration hostTtl) {

  public StoreSettings {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint of etcd is given");
    }
  }

  /** The defaults for these endpoints. */
  public static StoreSettings of(List<URI> endpoints) {
    return new StoreSettings(
        endpoints,
        Duration.ofSeconds(2),
        Duration.ofSeconds(8),
        Duration.ofSeconds(2),
        Duration.ofMinutes(5),
        Duration.ofSeconds(10));
  }
}
