package dev.ramet.coordinator.lifecycle;

import static dev.ramet.coordinator.lifecycle.Effect.END_OPERATION;
import static dev.ramet.coordinator.lifecycle.Effect.FORGET_SECRET;
import static dev.ramet.coordinator.lifecycle.Effect.RECORD_FAILURE;
import static dev.ramet.coordinator.lifecycle.Effect.RECORD_READY;
import static dev.ramet.coordinator.lifecycle.Effect.REMOVE_RECORD;
import static dev.ramet.coordinator.lifecycle.Effect.TEAR_DOWN;
import static dev.ramet.coordinator.lifecycle.Lifecycle.row;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.BUILD_FAILED;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.BUILT;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.DELETE_ASKED;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.GIVEN_UP;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.REPLICAS_LOST;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.REPLICATED;
import static dev.ramet.coordinator.lifecycle.RevisionEvent.TORN_DOWN;
import static dev.ramet.coordinator.lifecycle.RevisionState.BUILDING;
import static dev.ramet.coordinator.lifecycle.RevisionState.DELETING;
import static dev.ramet.coordinator.lifecycle.RevisionState.FAILED;
import static dev.ramet.coordinator.lifecycle.RevisionState.FAILING;
import static dev.ramet.coordinator.lifecycle.RevisionState.GONE;
import static dev.ramet.coordinator.lifecycle.RevisionState.READY;

import java.util.List;

/**
 * The life of a revision. Its operation ends when the replicas are there, or when it cannot be had.
 */
public final class RevisionLifecycle {
  public static final Lifecycle<RevisionState, RevisionEvent> TABLE =
      new Lifecycle<>(
          List.of(
              row(BUILDING, BUILT, READY, RECORD_READY, FORGET_SECRET),
              row(BUILDING, BUILD_FAILED, FAILING, RECORD_FAILURE, TEAR_DOWN),
              row(
                  BUILDING,
                  GIVEN_UP,
                  FAILED,
                  RECORD_FAILURE,
                  FORGET_SECRET,
                  END_OPERATION,
                  TEAR_DOWN),
              row(BUILDING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(FAILING, TORN_DOWN, FAILED, FORGET_SECRET, END_OPERATION),
              row(FAILING, GIVEN_UP, FAILED, FORGET_SECRET, END_OPERATION, TEAR_DOWN),
              row(FAILING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(READY, REPLICATED, READY, END_OPERATION),
              row(READY, REPLICAS_LOST, FAILED, RECORD_FAILURE, END_OPERATION),
              row(READY, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(FAILED, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(DELETING, TORN_DOWN, GONE, FORGET_SECRET, END_OPERATION, REMOVE_RECORD)));

  private RevisionLifecycle() {}
}
