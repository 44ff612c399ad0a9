package dev.ramet.coordinator.store;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link in use, and its replacement.
 *
 * <p>A gRPC channel that lost its server waits longer and longer before it connects again, up to
 * two minutes. A new channel connects at once, so a link that fails is replaced, and the old one is
 * closed a little later: other calls may still be under way on it.
 */
final class Links implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Links.class);
  private static final Duration LEAST_AGE = Duration.ofMillis(500);

  private final StoreSettings settings;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("etcd-", 0).factory());
  private final Set<Link> retired = ConcurrentHashMap.newKeySet();
  private volatile Link current;
  private volatile boolean closed;

  Links(StoreSettings settings) {
    this.settings = settings;
    this.current = new Link(settings, executor);
  }

  Link current() {
    if (closed) {
      throw new StoreException(StoreException.Code.CLOSED, "the store is closed");
    }
    return current;
  }

  /** Replaces the link that failed, unless that was done already or it is still young. */
  synchronized void replace(Link failed) {
    if (closed || failed != current || failed.age().compareTo(LEAST_AGE) < 0) {
      return;
    }
    LOG.debug("connecting anew to etcd at {}", settings.endpoints());
    current = new Link(settings, executor);
    retired.add(failed);
    Thread.ofVirtual().name("etcd-retire").start(() -> retire(failed));
  }

  private void retire(Link link) {
    try {
      Thread.sleep(settings.attemptTimeout().plusMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (retired.remove(link)) {
      link.close();
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    current.close();
    List.copyOf(retired).stream().filter(retired::remove).forEach(Link::close);
    executor.shutdownNow();
  }
}
