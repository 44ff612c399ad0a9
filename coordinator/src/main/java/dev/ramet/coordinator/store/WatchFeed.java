package dev.ramet.coordinator.store;

import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch over all keys, from one revision on, until its first fault. jetcd would resume it by
 * itself, but from the revision that the server told at creation, which skips events of a watch
 * that began in the past and broke before it caught up; so its first fault is its end here.
 */
final class WatchFeed implements Watch.Listener {
  /** What a watch brings. */
  sealed interface Message {
    WatchFeed from();
  }

  record Events(WatchFeed from, WatchResponse response) implements Message {}

  /** No more events come. */
  record Ended(WatchFeed from, @Nullable Throwable cause) implements Message {}

  private final Consumer<Message> inbox;
  private final Link link;
  private volatile Watch.@Nullable Watcher watcher;

  WatchFeed(Link link, Consumer<Message> inbox) {
    this.link = link;
    this.inbox = inbox;
  }

  void open(long fromRevision) {
    WatchOption option =
        WatchOption.builder()
            .isPrefix(true)
            .withRevision(fromRevision)
            // a member cut off from the others ends the watch instead of falling silent
            .withRequireLeader(true)
            .build();
    watcher = link.watch().watch(Bytes.ROOT, option, this);
  }

  Link link() {
    return link;
  }

  void close() {
    Watch.Watcher open = watcher;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void onNext(WatchResponse response) {
    inbox.accept(new Events(this, response));
  }

  @Override
  public void onError(Throwable cause) {
    inbox.accept(new Ended(this, cause));
  }

  @Override
  public void onCompleted() {
    inbox.accept(new Ended(this, null));
  }
}
