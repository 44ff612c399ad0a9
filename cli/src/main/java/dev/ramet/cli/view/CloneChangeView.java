package dev.ramet.cli.view;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneChange;
import dev.ramet.client.Failure;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of clones as they are shown. */
public final class CloneChangeView {
  private static final int NAME_WIDTH = 20;
  private static final int STATE_WIDTH = 12;

  private CloneChangeView() {}

  /** The change, without secrets. */
  public static Map<String, @Nullable Object> tree(CloneChange change, Instant now) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("time", Tree.time(now));
    tree.put("name", change.now().name());
    tree.put("uid", change.now().uid());
    tree.put("formerName", change.formerName());
    tree.put("state", state(change));
    tree.put("reason", reason(change));
    tree.put("failure", change.gone() ? null : Tree.failure(change.now().failure()));
    return tree;
  }

  /** One line of a stream. */
  public static String line(CloneChange change, Instant now) {
    return (Columns.time(now)
            + Columns.padded(change.now().name(), NAME_WIDTH)
            + Columns.padded(state(change), STATE_WIDTH)
            + Columns.clean(
                change.formerName().isEmpty()
                    ? reason(change)
                    : "was called " + change.formerName() + " until now"))
        .stripTrailing();
  }

  /** Its state, or GONE. */
  public static String state(CloneChange change) {
    return change.gone() ? "GONE" : change.now().state().name();
  }

  /** Why it is so; empty where there is nothing to say. */
  public static String reason(CloneChange change) {
    Clone clone = change.now();
    if (change.gone()) {
      return "";
    }
    if (clone.hostLost()) {
      return "host " + clone.host() + " has not been heard of lately";
    }
    Failure failure = clone.failure();
    return failure == null ? "" : failure.code() + ": " + failure.message();
  }
}
