/**
 * PostgreSQL: probing sources, base backups, restoring dumps, making a volume fit for clones, and
 * running a clone's server.
 *
 * <p>It owns everything that depends on PostgreSQL: its URLs, dump formats, configuration files,
 * messages and the layout of the volume. It starts its programs through a runtime only, and must
 * not know containers, storage drivers or gRPC.
 */
@NullMarked
package dev.ramet.agent.engine.postgres;

import org.jspecify.annotations.NullMarked;
