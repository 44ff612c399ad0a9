/**
 * Clients of the agents: one channel per address, a deadline per verb, and the one place where an
 * agent's status becomes a fault. The generated types of {@code ramet.agent.v1} end here; everybody
 * else sees the records of this package. It decides nothing and repeats nothing: that belongs to
 * {@code reconcile}.
 */
@NullMarked
package dev.ramet.coordinator.fleet;

import org.jspecify.annotations.NullMarked;
