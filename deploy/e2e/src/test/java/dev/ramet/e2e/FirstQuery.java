package dev.ramet.e2e;

import java.sql.SQLException;
import java.time.Duration;

/** The moment when a database answers its first query, seen from outside. */
final class FirstQuery {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private FirstQuery() {}

  static void await(String url) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Database database = Database.connect(url)) {
        database.value("SELECT 1");
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > end) {
          throw new AssertionError("no answer within " + PATIENCE.toSeconds() + " s", e);
        }
        Eventually.pause(Duration.ofMillis(1));
      }
    }
  }
}
