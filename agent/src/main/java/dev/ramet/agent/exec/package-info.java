/**
 * Starting programs, sending signals, and reading the kernel's table of processes.
 *
 * <p>The only place of the agent where a process is started: always by a list of arguments, never
 * through a shell, and with no environment but what is given. It must not know what the programs
 * are for.
 */
@NullMarked
package dev.ramet.agent.exec;

import org.jspecify.annotations.NullMarked;
