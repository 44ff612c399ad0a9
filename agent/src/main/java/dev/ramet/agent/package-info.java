/**
 * The agent's program: what is started in which order, and how it ends.
 *
 * <p>It owns the wiring, all of it, by constructors. It must hold no logic of its own about
 * volumes, instances or calls; and nothing may depend on it.
 */
@NullMarked
package dev.ramet.agent;

import org.jspecify.annotations.NullMarked;
