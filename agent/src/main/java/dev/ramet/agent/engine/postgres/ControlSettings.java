package dev.ramet.agent.engine.postgres;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings that a server writes into {@code pg_control} because a recovery of its data needs
 * them. They are true also where its configuration lies elsewhere, or was on its command line.
 */
final class ControlSettings {
  private static final Map<String, String> NAMES =
      Map.of(
          "max_connections setting", "max_connections",
          "max_worker_processes setting", "max_worker_processes",
          "max_wal_senders setting", "max_wal_senders",
          "max_prepared_xacts setting", "max_prepared_transactions",
          "max_locks_per_xact setting", "max_locks_per_transaction",
          "track_commit_timestamp setting", "track_commit_timestamp");

  private static final Pattern LINE = Pattern.compile("([^:]+):\\s*(\\S+)\\s*");

  private ControlSettings() {}

  /** Asks {@code pg_controldata}, which must be of the data's own version. */
  static Map<String, String> of(LoadContext context) throws InterruptedException {
    LineTail tail = new LineTail();
    Map<String, String> settings = new HashMap<>();
    int exitCode =
        context.run(
            List.of("pg_controldata", "--pgdata=" + context.inside(VolumeLayout.DATA)),
            Map.of("LC_ALL", "C"),
            List.of(),
            line -> read(line, settings),
            tail);
    if (exitCode != 0) {
      throw LoadFailure.of(context, "pg_controldata", exitCode, tail.lines());
    }
    return settings;
  }

  private static void read(String line, Map<String, String> settings) {
    Matcher matcher = LINE.matcher(line);
    if (matcher.matches() && NAMES.containsKey(matcher.group(1))) {
      settings.put(NAMES.get(matcher.group(1)), matcher.group(2));
    }
  }
}
