/**
 * What this host is, told to whoever asks and to the coordinators every few seconds.
 *
 * <p>It owns the reading of {@code /proc} for that, the host's report, and the heartbeat with its
 * fail-over. Generated types stay here and in the server. It must not change anything on the host.
 */
@NullMarked
package dev.ramet.agent.report;

import org.jspecify.annotations.NullMarked;
