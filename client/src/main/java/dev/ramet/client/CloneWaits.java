package dev.ramet.client;

import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneServiceGrpc.CloneServiceBlockingStub;
import dev.ramet.proto.v1.WatchCloneRequest;
import java.time.Duration;
import java.util.function.Predicate;

/** Waits for what becomes of one clone, by watching it. */
final class CloneWaits {
  private final Connection connection;
  private final CloneServiceBlockingStub stub;

  CloneWaits(Connection connection, CloneServiceBlockingStub stub) {
    this.connection = connection;
    this.stub = stub;
  }

  /** Until it is as it was asked for, or cannot be. */
  Clone awaitReady(Clone created, Duration timeout, WaitListener<? super Clone> listener) {
    Sighting last = new Sighting(created, listener);
    if (!last.settled()) {
      watch(
          created.name(),
          created.uid(),
          event -> {
            if (event.getDeleted() || !event.getClone().getUid().equals(created.uid())) {
              throw deletedMeanwhile(created.name());
            }
            last.see(event);
            return last.settled();
          },
          timeout,
          "clone "
              + created.name()
              + " is not ready after "
              + Connection.spoken(timeout)
              + "; it goes on",
          listener);
    }
    Failure failure = last.clone.failure();
    boolean down =
        last.clone.state() == Clone.State.FAILED || last.clone.state() == Clone.State.OVER_CAP;
    if (down && failure != null) {
      throw RametException.of(failure);
    }
    CloneLife.Reset reset = last.clone.life().lastReset();
    if (created.state() == Clone.State.RESETTING && reset != null && reset.failure() != null) {
      throw RametException.of(reset.failure());
    }
    if (last.clone.state() == Clone.State.DELETING) {
      throw deletedMeanwhile(created.name());
    }
    return last.clone;
  }

  /** Until nothing of it is left. */
  Clone awaitGone(Clone deleting, Duration timeout, WaitListener<? super Clone> listener) {
    Sighting last = new Sighting(deleting, listener);
    try {
      watch(
          deleting.name(),
          deleting.uid(),
          event -> {
            if (event.getDeleted() || !event.getClone().getUid().equals(deleting.uid())) {
              return true;
            }
            last.see(event);
            return false;
          },
          timeout,
          "clone "
              + deleting.name()
              + " is not gone after "
              + Connection.spoken(timeout)
              + "; the deletion goes on",
          listener);
    } catch (RametException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
    }
    return last.clone;
  }

  /**
   * A clone that gets another name meanwhile is followed under that.
   *
   * @param uid empty: whichever has the name
   */
  void watch(
      String name,
      String uid,
      Predicate<CloneEvent> enough,
      Duration timeout,
      String timeoutMessage,
      WaitListener<? super Clone> listener) {
    WatchCloneRequest.Builder request = WatchCloneRequest.newBuilder().setName(name).setUid(uid);
    boolean[] renamed = new boolean[1];
    long end = System.nanoTime() + timeout.toNanos();
    do {
      connection.watch(
          stub,
          s -> s.watchClone(request.build()),
          event -> {
            request.setName(event.getClone().getName()).setUid(event.getClone().getUid());
            boolean seen = enough.test(event);
            renamed[0] = !seen && !event.getFormerName().isEmpty();
            return seen || renamed[0];
          },
          Duration.ofNanos(Math.max(1, end - System.nanoTime())),
          timeoutMessage,
          listener);
    } while (renamed[0]);
  }

  private static RametException deletedMeanwhile(String name) {
    return RametException.local(
        ErrorKind.CONFLICT,
        "CLONE_DELETED",
        "clone "
            + name
            + " was deleted by somebody else, or its time was over, before that was done");
  }

  /** The clone as it was seen last. */
  private static final class Sighting {
    private final WaitListener<? super Clone> listener;
    private Clone clone;

    Sighting(Clone first, WaitListener<? super Clone> listener) {
      this.clone = first;
      this.listener = listener;
      listener.changed(first);
    }

    void see(CloneEvent event) {
      clone = ProtoValues.clone(event.getClone());
      listener.changed(clone);
    }

    boolean settled() {
      return switch (clone.state()) {
        case FAILED, DELETING -> true;
        case READY, STOPPED, OVER_CAP -> !clone.life().reconciling();
        case PENDING, PROVISIONING, RESETTING, UNKNOWN -> false;
      };
    }
  }
}
