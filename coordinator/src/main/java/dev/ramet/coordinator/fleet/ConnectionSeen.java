package dev.ramet.coordinator.fleet;

import java.time.Instant;
import java.util.Optional;

/**
 * A client's connection to an instance; its times are by the coordinator's clock.
 *
 * @param client its address; empty: through the server's socket
 * @param user that logged in
 * @param database that it uses
 * @param application as it names itself
 * @param since when it was made
 * @param lastQuery begin of its last statement; empty: none yet
 * @param state "active", "idle", "idle in transaction"
 */
public record ConnectionSeen(
    String client,
    String user,
    String database,
    String application,
    Instant since,
    Optional<Instant> lastQuery,
    String state) {}
