package dev.ramet.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a clone's database server.
 *
 * @param client address that it comes from; empty: from the host itself
 * @param user that logged in
 * @param database that it uses
 * @param application as it names itself
 * @param since when it was made
 * @param lastQueryTime begin of its last statement; null: none yet
 * @param state {@code active}, {@code idle}, {@code idle in transaction}
 */
public record ClientConnection(
    String client,
    String user,
    String database,
    String application,
    @Nullable Instant since,
    @Nullable Instant lastQueryTime,
    String state) {}
