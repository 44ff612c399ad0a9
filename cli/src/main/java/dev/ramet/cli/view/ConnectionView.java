package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.ClientConnection;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connections as they are shown. */
public final class ConnectionView {
  private ConnectionView() {}

  /** Everything about one. */
  public static Map<String, @Nullable Object> tree(ClientConnection connection) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("client", connection.client());
    tree.put("user", connection.user());
    tree.put("database", connection.database());
    tree.put("application", connection.application());
    tree.put("since", Tree.time(connection.since()));
    tree.put("lastQueryTime", Tree.time(connection.lastQueryTime()));
    tree.put("state", connection.state());
    return tree;
  }

  /** One row for each. */
  public static String table(List<ClientConnection> connections, Instant now) {
    TextTable table =
        TextTable.withHeadings(
            "CLIENT", "USER", "DATABASE", "APPLICATION", "SINCE", "LAST QUERY", "STATE");
    for (ClientConnection connection : connections) {
      table.row(
          connection.client().isEmpty() ? "local" : connection.client(),
          connection.user(),
          connection.database(),
          connection.application(),
          Units.age(connection.since(), now),
          Units.age(connection.lastQueryTime(), now),
          connection.state());
    }
    return table.toString();
  }
}
