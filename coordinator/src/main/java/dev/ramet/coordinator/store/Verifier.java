package dev.ramet.coordinator.store;

import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;

/**
 * Finds out whether the view holds all that etcd holds, without listing it.
 *
 * <p>It does not rely on progress notifications: when asked for, older releases of etcd do not send
 * them in order with the events.
 */
final class Verifier {
  private final Requests requests;
  private final GuardedView view;
  // for the watch to bring what was written just before: long enough for a busy machine
  private final Duration grace;

  Verifier(Requests requests, GuardedView view) {
    this.requests = requests;
    this.view = view;
    this.grace = requests.settings().verifyInterval().multipliedBy(3).dividedBy(4);
  }

  /** What was found. */
  sealed interface Finding {}

  /** The view is complete up to this revision. */
  record Complete(long seen, long revision) implements Finding {}

  /** The view lacks something, or holds too much. */
  record Incomplete(String why) implements Finding {}

  private record Seen(long revision, long keys) {}

  /**
   * Throws {@link StoreException} where etcd does not answer. Costs one count in the usual case.
   */
  Finding verify() throws InterruptedException {
    Seen before = seen();
    GetResponse head = count(0);
    long revision = head.getHeader().getRevision();
    if (revision < before.revision()) {
      return new Incomplete("etcd went back from " + before.revision() + " to " + revision);
    }
    if (view.await(() -> view.revision() >= revision, System.nanoTime() + grace.toNanos())) {
      Seen now = seen();
      return now.revision() == revision && now.keys() != head.getCount()
          ? new Incomplete("it has " + now.keys() + " keys and etcd " + head.getCount())
          : new Complete(now.revision(), now.revision());
    }
    // etcd went on: by keys that are not ours, or the watch lost something
    Seen now = seen();
    if (now.revision() >= revision) {
      return new Complete(now.revision(), now.revision());
    }
    GetResponse newer = newer(now.revision(), revision);
    return newer.getKvs().isEmpty() && newer.getCount() == now.keys()
        ? new Complete(now.revision(), revision)
        : new Incomplete("the watch is behind " + revision + " at " + now.revision());
  }

  private Seen seen() {
    return view.readLive(live -> new Seen(live.revision(), live.keys()));
  }

  private GetResponse count(long revision) {
    GetOption option =
        GetOption.builder().isPrefix(true).withCountOnly(true).withRevision(revision).build();
    return requests.read(
        "count of all records",
        requests.settings().attemptTimeout(),
        link -> link.kv().get(Bytes.ROOT, option));
  }

  /** Keys written after one revision, and how many there were in all, at another. */
  private GetResponse newer(long after, long at) {
    GetOption option =
        GetOption.builder()
            .isPrefix(true)
            .withKeysOnly(true)
            .withLimit(1)
            .withMinModRevision(after + 1)
            .withRevision(at)
            .build();
    return requests.read(
        "search for missed writes",
        requests.settings().attemptTimeout(),
        link -> link.kv().get(Bytes.ROOT, option));
  }
}
