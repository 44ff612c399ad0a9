/**
 * Ways to run the programs of an engine on this host: in containers or as plain processes.
 *
 * <p>It owns how a database server is started, found again, stopped and listened to, and how the
 * short-lived tools of a load are run. What exists is read back from container labels, from the
 * volume and from {@code /proc}; nothing is remembered that a restart would lose. It must not know
 * any engine: programs, arguments and places come with the call.
 */
@NullMarked
package dev.ramet.agent.runtime;

import org.jspecify.annotations.NullMarked;
