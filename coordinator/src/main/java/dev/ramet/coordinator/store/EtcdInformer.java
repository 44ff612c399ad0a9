package dev.ramet.coordinator.store;

import dev.ramet.coordinator.store.Verifier.Complete;
import dev.ramet.coordinator.store.Verifier.Incomplete;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.watch.WatchEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Informer} over jetcd: one thread lists, watches and applies; another verifies. jetcd's own
 * threads only put into the inbox.
 */
final class EtcdInformer implements Informer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdInformer.class);
  private static final Duration WHILE_DOWN = Duration.ofMillis(300);
  private static final Duration BEFORE_REOPENING = Duration.ofMillis(100);
  private static final int LISTENER_LIMIT = 100_000;

  /** The view must be listed anew. */
  private record ListAnew(String why) {}

  private final Links links;
  private final Requests requests;
  private final StoreSettings settings;
  private final GuardedView view = new GuardedView();
  private final Verifier verifier;
  private final LinkedBlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;
  private volatile boolean synced;
  private volatile Instant verified = Instant.now();
  private volatile boolean fresh;
  private @Nullable WatchFeed feed;

  EtcdInformer(Links links, Requests requests) {
    this.links = links;
    this.requests = requests;
    this.settings = requests.settings();
    this.verifier = new Verifier(requests, view);
  }

  void start() {
    threads.add(Thread.ofVirtual().name("store-informer").start(() -> untilClosed(this::follow)));
    threads.add(Thread.ofVirtual().name("store-verifier").start(() -> untilClosed(this::verify)));
  }

  @Override
  public View view() {
    return view;
  }

  @Override
  public <R> R read(Function<View, R> reader) {
    return view.read(reader);
  }

  @Override
  public boolean awaitSynced(Duration within) throws InterruptedException {
    return view.await(() -> synced, System.nanoTime() + within.toNanos());
  }

  @Override
  public boolean await(long revision, Duration within) throws InterruptedException {
    return view.revision() >= revision
        || view.await(() -> view.revision() >= revision, System.nanoTime() + within.toNanos());
  }

  @Override
  public Optional<Instant> staleSince() {
    return fresh ? Optional.empty() : Optional.of(verified);
  }

  @Override
  public Subscription subscribe(
      Predicate<Key<?>> interest, Consumer<Change<?>> changed, Runnable fellBehind) {
    ChangeQueue queue =
        new ChangeQueue(interest, changed, fellBehind, view::forget, LISTENER_LIMIT);
    view.listen(queue);
    queue.start();
    return queue;
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }

  /** One turn of a thread: repeated until the informer is closed. */
  private interface Turn {
    void run() throws InterruptedException;
  }

  private void untilClosed(Turn turn) {
    while (!closed) {
      try {
        turn.run();
      } catch (InterruptedException e) {
        return;
      } catch (StoreException e) {
        if (closed || e.code() == StoreException.Code.CLOSED) {
          return;
        }
        notFresh(e.getMessage());
        pause();
      } catch (RuntimeException e) { // a fault of ours must not end the watching
        LOG.error("the view of etcd has a fault; it is listed anew", e);
        inbox.add(new ListAnew("a fault"));
        pause();
      }
    }
  }

  /** Lists, then follows the watch until the view must be listed anew. */
  private void follow() throws InterruptedException {
    inbox.clear();
    stopFeed();
    Listing listing = Listing.read(requests);
    view.write(listing::applyTo);
    if (!synced) {
      LOG.info("the view holds {} keys at revision {}", listing.pairs().size(), view.revision());
    }
    synced = true;
    markVerified();
    view.signal();
    openFeed();
    long relistAt = System.nanoTime() + settings.relistInterval().toNanos();
    while (relistAt - System.nanoTime() > 0) {
      Object message = inbox.poll(relistAt - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (message instanceof ListAnew(String why)) {
        LOG.warn("the view is listed anew: {}", why);
        return;
      }
      if (message instanceof WatchFeed.Message fromWatch && fromWatch.from() == feed) {
        if (!take(fromWatch)) {
          return;
        }
      }
    }
  }

  /** False where the view must be listed anew. */
  private boolean take(WatchFeed.Message message) throws InterruptedException {
    return switch (message) {
      case WatchFeed.Events(WatchFeed _, var response) -> {
        view.write(live -> apply(live, response.getEvents()));
        yield true;
      }
      case WatchFeed.Ended(WatchFeed _, Throwable cause)
          when cause instanceof CompactedException -> {
        LOG.info("the watch fell behind a compaction; the view is listed anew");
        yield false;
      }
      case WatchFeed.Ended(WatchFeed ended, Throwable cause) -> {
        LOG.debug("the watch ended and is opened anew: {}", cause == null ? "" : cause.toString());
        links.replace(ended.link());
        stopFeed();
        Thread.sleep(BEFORE_REOPENING);
        openFeed();
        yield true;
      }
    };
  }

  private static List<Change<?>> apply(LiveView view, List<WatchEvent> events) {
    List<Change<?>> changes = new ArrayList<>();
    for (WatchEvent event : events) {
      String path = Bytes.text(event.getKeyValue().getKey());
      long revision = event.getKeyValue().getModRevision();
      switch (event.getEventType()) {
        case PUT -> view.put(path, event.getKeyValue(), revision).ifPresent(changes::add);
        case DELETE -> view.remove(path, revision).ifPresent(changes::add);
        case UNRECOGNIZED -> throw new IllegalStateException("an event of unknown type");
      }
    }
    if (!events.isEmpty()) {
      view.reach(Math.max(view.revision(), events.getLast().getKeyValue().getModRevision()));
    }
    return changes;
  }

  private void openFeed() {
    WatchFeed opened = new WatchFeed(links.current(), inbox::add);
    feed = opened;
    try {
      opened.open(view.revision() + 1);
    } catch (RuntimeException e) { // jetcd throws at once where its client was closed
      inbox.add(new WatchFeed.Ended(opened, e));
    }
  }

  private void stopFeed() {
    WatchFeed open = feed;
    feed = null;
    if (open != null) {
      open.close();
    }
  }

  private void verify() throws InterruptedException {
    if (!view.await(() -> synced, System.nanoTime() + settings.verifyInterval().toNanos())) {
      return;
    }
    Instant asked = Instant.now();
    switch (verifier.verify()) {
      case Complete(long seen, long revision) -> {
        reach(seen, revision);
        verified = asked;
        markFresh();
      }
      case Incomplete(String why) -> {
        notFresh(why);
        inbox.add(new ListAnew(why));
      }
    }
    Thread.sleep(settings.verifyInterval());
  }

  /** Nothing of ours was written between these revisions. */
  private void reach(long seen, long revision) {
    if (revision > seen) {
      view.write(live -> {
        if (live.revision() == seen) {
          live.reach(revision);
        }
        return List.of();
      });
    }
  }

  private void markVerified() {
    verified = Instant.now();
    markFresh();
  }

  private void markFresh() {
    if (!fresh) {
      fresh = true;
      LOG.info("the view of etcd is fresh");
    }
  }

  private void notFresh(@Nullable String why) {
    if (fresh) {
      fresh = false;
      LOG.warn("the view of etcd is stale since {}: {}", verified, why);
    }
  }

  private void pause() {
    try {
      Thread.sleep(WHILE_DOWN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
