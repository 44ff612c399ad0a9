/**
 * The lives of clones and of revisions, as two tables: from a state and an event to the next state
 * and the effects that go with it. Pure: an effect is a value that somebody else carries out.
 * docs/lifecycle.md is generated from the tables.
 */
@NullMarked
package dev.ramet.coordinator.lifecycle;

import org.jspecify.annotations.NullMarked;
