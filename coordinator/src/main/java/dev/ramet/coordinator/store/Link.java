package dev.ramet.coordinator.store;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import java.time.Duration;
import java.util.concurrent.ExecutorService;

/** One jetcd client: a channel to every member. Thrown away as a whole when it looks broken. */
final class Link {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  // etcd closes connections that ping more often than every 5 seconds
  private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(6);
  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(3);
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private final Client client;
  private final long openedNanos = System.nanoTime();

  Link(StoreSettings settings, ExecutorService executor) {
    client =
        Client.builder()
            .endpoints(settings.endpoints())
            .executorService(executor)
            .connectTimeout(CONNECT_TIMEOUT)
            .keepaliveTime(KEEPALIVE_TIME)
            .keepaliveTimeout(KEEPALIVE_TIMEOUT)
            .keepaliveWithoutCalls(true)
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            // repeating is ours: only we know which repetition is safe
            .retryMaxAttempts(0)
            .waitForReady(false)
            .interceptor(new AttemptDeadline(settings.attemptTimeout()))
            .build();
  }

  KV kv() {
    return client.getKVClient();
  }

  Watch watch() {
    return client.getWatchClient();
  }

  Lease lease() {
    return client.getLeaseClient();
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - openedNanos);
  }

  void close() {
    client.close();
  }
}
