package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Event;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as they are shown. */
public final class EventView {
  private static final int TYPE_WIDTH = 19;
  private static final int NAME_WIDTH = 20;

  private EventView() {}

  /** Everything about an event. */
  public static Map<String, @Nullable Object> tree(Event event) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("time", Tree.time(event.time()));
    tree.put("kind", event.kind().name());
    tree.put("name", event.name());
    tree.put("type", event.type());
    tree.put("message", event.message());
    tree.put("code", event.code());
    tree.put("present", event.present());
    return tree;
  }

  /** One row for each. */
  public static String table(List<Event> events, Instant now) {
    TextTable table = TextTable.withHeadings("TYPE", "NAME", "AGE", "REASON");
    for (Event event : events) {
      table.row(event.type(), event.name(), Units.age(event.time(), now), reason(event));
    }
    return table.toString();
  }

  /** One line of a stream. */
  public static String line(Event event) {
    return Columns.time(event.time())
        + Columns.padded(event.type(), TYPE_WIDTH)
        + Columns.padded(event.name(), NAME_WIDTH)
        + Columns.clean(reason(event));
  }

  private static String reason(Event event) {
    return event.code().isEmpty() ? event.message() : event.code() + ": " + event.message();
  }
}
