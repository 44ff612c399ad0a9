/**
 * The public gRPC services: checks what was asked, decides what to record, answers. It writes
 * intent and reads the view; what is done about an intent is the reconciler's, which it does not
 * know. Messages of {@code ramet.v1} and gRPC's statuses are made here and nowhere else.
 */
@NullMarked
package dev.ramet.coordinator.api;

import org.jspecify.annotations.NullMarked;
