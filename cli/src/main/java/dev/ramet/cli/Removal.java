package dev.ramet.cli;

import dev.ramet.cli.output.TextTable;
import dev.ramet.client.RametException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The outcome of {@code rm} over several names: each is told, and the worst is the exit status. */
final class Removal {
  private final Session session;
  private final String thing;
  private final List<Map<String, @Nullable Object>> results = new ArrayList<>();
  private int status;

  Removal(Session session, String thing) {
    this.session = session;
    this.thing = thing;
  }

  void deleted(String name) {
    add(name, "deleted", null);
  }

  void deleting(String name) {
    add(name, "deleting", null);
  }

  /** Deleting what is not there is what was wanted: a note, no error. */
  void missing(String name) {
    session.note("ramet: no " + thing + " " + name + ": nothing to delete");
    add(name, "missing", null);
  }

  void failed(String name, RametException error) {
    status = Math.max(status, Complaint.about(error, session.environment()).status());
    add(name, "failed", error.code());
  }

  private void add(String name, String result, @Nullable String code) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    tree.put("result", result);
    tree.put("code", code);
    results.add(tree);
  }

  /** Shows the results; returns the exit status. */
  int show() {
    session.show(
        () -> results,
        () -> {
          TextTable table = TextTable.ofPairs();
          for (Map<String, @Nullable Object> result : results) {
            table.row(String.valueOf(result.get("name")), String.valueOf(result.get("result")));
          }
          return table.toString();
        });
    return status;
  }
}
