/**
 * Makes the hosts be as the records say. Planners are pure: from the desired (record) and the
 * observed (what the agent sees) to one next step; workers carry steps out and write what came of
 * it; one queue runs them, level-triggered and one at a time per key. It runs only in the term of a
 * leader: each agent call carries the term's fence and each write is refused after the term. It
 * must not know gRPC or etcd, and answers no user.
 */
@NullMarked
package dev.ramet.coordinator.reconcile;

import org.jspecify.annotations.NullMarked;
