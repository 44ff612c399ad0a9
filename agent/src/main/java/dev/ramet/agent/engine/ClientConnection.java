package dev.ramet.agent.engine;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to a server.
 *
 * @param client its address; empty: through the server's socket
 * @param user that logged in
 * @param database that it uses
 * @param application as it names itself
 * @param since when it was made
 * @param lastQuery begin of its last statement; null: none yet
 * @param state "active", "idle", "idle in transaction"
 */
public record ClientConnection(
    String client,
    String user,
    String database,
    String application,
    Instant since,
    @Nullable Instant lastQuery,
    String state) {

  /** Begin of its last statement, if there was one. */
  public Optional<Instant> lastQueryIfAny() {
    return Optional.ofNullable(lastQuery);
  }
}
