package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.SaveRecord;

/**
 * A volume that is to begin as a snapshot.
 *
 * @param sizeLimit the most that it may hold, bytes; 0: as much as the snapshot
 */
record VolumeClone(String pool, String id, String snapshot, long sizeLimit) {
  private static final String NOT_THERE = "NOT_FOUND";

  /** Where the snapshot is a save's and is not there, that is told in words of its owner. */
  void make(Agent agent, View view) {
    try {
      agent.cloneVolume(pool, id, snapshot, sizeLimit);
    } catch (AgentException error) {
      if (!error.fault().code().equals(NOT_THERE)) {
        throw error;
      }
      throw SaveRecords.withSnapshot(view, snapshot)
          .map(save -> error.as(lost(view, save.value())))
          .orElse(error);
    }
  }

  private static Fault lost(View view, SaveRecord save) {
    String name = SaveRecords.name(view, save);
    return ErrorCode.DATA_LOST.fault(
        "save %s is lost: its snapshot %s is not in pool %s of host %s any more, though nobody deleted it by Ramet; what it kept is gone, clone %s and its other saves are as they were: bring its file back, or take another save and forget this one with ramet clone saves rm %s"
            .formatted(
                name,
                save.getSnapshot(),
                save.getPool(),
                save.getHost(),
                SaveRecords.ownerName(view, save),
                name));
  }
}
