package dev.ramet.coordinator.fleet;

import java.util.ArrayList;
import java.util.List;

/** Ends long calls from another thread. Once cancelled it stays so. */
public final class Cancellation {
  private final List<Runnable> actions = new ArrayList<>();
  private boolean cancelled;

  public void cancel() {
    List<Runnable> due;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      due = List.copyOf(actions);
      actions.clear();
    }
    due.forEach(Runnable::run);
  }

  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Runs the action when cancelled: at once, where that was already. */
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }
}
