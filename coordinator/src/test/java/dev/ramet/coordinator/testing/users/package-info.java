/**
 * Users whose random life with their clones is followed by a model: who owns which clone, what its
 * data hold, what is refused and why. They speak to a coordinator through the SDK and know nothing
 * of what is behind it, so that the same users try hosts in memory and real ones. Each user's names
 * are its own: what it may expect depends on nobody else.
 */
@NullMarked
package dev.ramet.coordinator.testing.users;

import org.jspecify.annotations.NullMarked;
