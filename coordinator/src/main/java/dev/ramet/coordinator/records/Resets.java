package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.ResetWish;
import dev.ramet.proto.v1.Reset;
import java.time.Instant;
import java.util.Optional;

/** How a reset changes a clone's record. */
public final class Resets {
  private Resets() {}

  /** It is wanted from now on. */
  public static void begin(CloneRecord.Builder clone, ResetWish wish, Instant now) {
    clone.getWishBuilder().setReset(wish);
    clone
        .getStatusBuilder()
        .setLastReset(
            Reset.newBuilder().setTo(wish.getOrigin()).setRequestTime(Times.message(now)));
  }

  /** The new data are the clone's; the old ones are to go. */
  static void done(CloneRecord.Builder clone, Instant now) {
    ResetWish wish = clone.getWish().getReset();
    String old = clone.getAssignment().getVolume();
    clone
        .getAssignmentBuilder()
        .setVolume(wish.getVolume())
        .setSnapshot(wish.getSnapshot())
        .setImage(wish.getImage())
        .setRevision(wish.getRevision())
        .setData(wish.getData())
        .setOrigin(wish.getOrigin());
    clone
        .getStatusBuilder()
        .setLastUsedTime(Times.message(now))
        .clearGrowthBytes()
        .clearGrowthTime();
    end(clone, old, Optional.empty(), now);
  }

  /** The clone is as it was; what was made of the new data is to go. */
  static void failed(CloneRecord.Builder clone, Optional<Fault> why, Instant now) {
    end(clone, clone.getWish().getReset().getVolume(), why, now);
  }

  private static void end(
      CloneRecord.Builder clone, String retired, Optional<Fault> why, Instant now) {
    clone.getWishBuilder().clearReset();
    CloneStatus.Builder status = clone.getStatusBuilder();
    status.addRetired(retired);
    status.getLastResetBuilder().setEndTime(Times.message(now));
    why.map(Failures::message).ifPresent(status.getLastResetBuilder()::setFailure);
  }
}
