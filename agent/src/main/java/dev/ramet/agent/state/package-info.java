/**
 * The agent's own few files: its lock, its id, the greatest fence it has seen.
 *
 * <p>It owns that directory and how a small file is replaced safely. Nothing about volumes or
 * instances is ever kept in it: the host itself is the truth about those.
 */
@NullMarked
package dev.ramet.agent.state;

import org.jspecify.annotations.NullMarked;
