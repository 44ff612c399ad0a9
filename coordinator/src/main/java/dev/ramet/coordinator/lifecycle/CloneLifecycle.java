package dev.ramet.coordinator.lifecycle;

import static dev.ramet.coordinator.lifecycle.CloneEvent.CAME_UP;
import static dev.ramet.coordinator.lifecycle.CloneEvent.CREATE_FAILED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.DELETE_ASKED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.GIVEN_UP;
import static dev.ramet.coordinator.lifecycle.CloneEvent.GREW_OVER;
import static dev.ramet.coordinator.lifecycle.CloneEvent.HOST_REMOVED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.PICKED_UP;
import static dev.ramet.coordinator.lifecycle.CloneEvent.RECOVERY_FAILED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.RESET_ASKED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.RESET_DONE;
import static dev.ramet.coordinator.lifecycle.CloneEvent.RESET_FAILED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.START_ASKED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.STOP_ASKED;
import static dev.ramet.coordinator.lifecycle.CloneEvent.TORN_DOWN;
import static dev.ramet.coordinator.lifecycle.CloneEvent.WENT_DOWN;
import static dev.ramet.coordinator.lifecycle.CloneState.BROKEN;
import static dev.ramet.coordinator.lifecycle.CloneState.DELETING;
import static dev.ramet.coordinator.lifecycle.CloneState.FAILED;
import static dev.ramet.coordinator.lifecycle.CloneState.FAILING;
import static dev.ramet.coordinator.lifecycle.CloneState.GONE;
import static dev.ramet.coordinator.lifecycle.CloneState.OVER_CAP;
import static dev.ramet.coordinator.lifecycle.CloneState.PENDING;
import static dev.ramet.coordinator.lifecycle.CloneState.PROVISIONING;
import static dev.ramet.coordinator.lifecycle.CloneState.READY;
import static dev.ramet.coordinator.lifecycle.CloneState.RECOVERING;
import static dev.ramet.coordinator.lifecycle.CloneState.RESETTING;
import static dev.ramet.coordinator.lifecycle.CloneState.STOPPED;
import static dev.ramet.coordinator.lifecycle.Effect.CLEAR_FAILURE;
import static dev.ramet.coordinator.lifecycle.Effect.END_RESET;
import static dev.ramet.coordinator.lifecycle.Effect.FORGET_DATA;
import static dev.ramet.coordinator.lifecycle.Effect.KEEP_DATA;
import static dev.ramet.coordinator.lifecycle.Effect.RECORD_FAILURE;
import static dev.ramet.coordinator.lifecycle.Effect.RECORD_READY;
import static dev.ramet.coordinator.lifecycle.Effect.RELEASE_PORT;
import static dev.ramet.coordinator.lifecycle.Effect.REMOVE_RECORD;
import static dev.ramet.coordinator.lifecycle.Effect.SWITCH_DATA;
import static dev.ramet.coordinator.lifecycle.Effect.TEAR_DOWN;
import static dev.ramet.coordinator.lifecycle.Lifecycle.row;

import java.util.List;

/**
 * The life of a clone. A clone that was READY once never loses its data except by the user's
 * delete, or with a host that is declared lost.
 */
public final class CloneLifecycle {
  public static final Lifecycle<CloneState, CloneEvent> TABLE =
      new Lifecycle<>(
          List.of(
              row(PENDING, PICKED_UP, PROVISIONING),
              row(PENDING, CAME_UP, READY, RECORD_READY),
              row(PENDING, CREATE_FAILED, FAILING, RECORD_FAILURE, TEAR_DOWN),
              row(PENDING, GIVEN_UP, FAILED, RECORD_FAILURE, TEAR_DOWN),
              row(PENDING, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(PENDING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(PROVISIONING, CAME_UP, READY, RECORD_READY),
              row(PROVISIONING, CREATE_FAILED, FAILING, RECORD_FAILURE, TEAR_DOWN),
              row(PROVISIONING, GIVEN_UP, FAILED, RECORD_FAILURE, TEAR_DOWN),
              row(PROVISIONING, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(PROVISIONING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(FAILING, TORN_DOWN, FAILED, RELEASE_PORT),
              row(FAILING, GIVEN_UP, FAILED, TEAR_DOWN),
              row(FAILING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(READY, WENT_DOWN, RECOVERING, RECORD_FAILURE),
              row(READY, GREW_OVER, OVER_CAP, RECORD_FAILURE),
              row(READY, STOP_ASKED, STOPPED, CLEAR_FAILURE),
              row(READY, RESET_ASKED, RESETTING, CLEAR_FAILURE),
              row(READY, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(READY, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(RECOVERING, CAME_UP, READY, CLEAR_FAILURE),
              row(RECOVERING, RECOVERY_FAILED, BROKEN, RECORD_FAILURE, KEEP_DATA),
              row(RECOVERING, STOP_ASKED, STOPPED, CLEAR_FAILURE),
              row(RECOVERING, RESET_ASKED, RESETTING, CLEAR_FAILURE),
              row(RECOVERING, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(RECOVERING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(STOPPED, START_ASKED, RECOVERING),
              row(STOPPED, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(STOPPED, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(OVER_CAP, CAME_UP, READY, CLEAR_FAILURE),
              row(OVER_CAP, WENT_DOWN, RECOVERING, RECORD_FAILURE),
              row(OVER_CAP, STOP_ASKED, STOPPED, CLEAR_FAILURE),
              row(OVER_CAP, RESET_ASKED, RESETTING, CLEAR_FAILURE),
              row(OVER_CAP, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(OVER_CAP, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(RESETTING, RESET_DONE, READY, SWITCH_DATA),
              row(RESETTING, RESET_FAILED, RECOVERING, END_RESET),
              row(RESETTING, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(RESETTING, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(FAILED, TORN_DOWN, FAILED, RELEASE_PORT),
              row(FAILED, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(BROKEN, CAME_UP, READY, CLEAR_FAILURE),
              row(BROKEN, STOP_ASKED, STOPPED, CLEAR_FAILURE),
              row(BROKEN, RESET_ASKED, RESETTING, CLEAR_FAILURE),
              row(BROKEN, HOST_REMOVED, FAILED, RECORD_FAILURE, FORGET_DATA),
              row(BROKEN, DELETE_ASKED, DELETING, TEAR_DOWN),
              //
              row(DELETING, TORN_DOWN, GONE, RELEASE_PORT, REMOVE_RECORD)));

  private CloneLifecycle() {}
}
