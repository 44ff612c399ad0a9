package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.ResetWish;
import dev.ramet.proto.v1.Clone;
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

  /**
   * The new data are the clone's; the old ones are to go, or another clone's, see {@link #kept}.
   */
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
    if (wish.getKeepAs().isEmpty()) {
      clone.getStatusBuilder().addRetired(old);
    }
    end(clone, Optional.empty(), now);
  }

  /**
   * The clone that the old data become, to be written together with {@link #done}: it is stopped,
   * as soon as its server is seen to be gone.
   *
   * @param port on the same host
   */
  public static CloneRecord kept(CloneRecord clone, int port, Instant now) {
    ResetWish reset = clone.getWish().getReset();
    CloneWish.Builder wish = clone.getWish().toBuilder();
    wish.clearReset().clearRestart();
    return CloneRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(reset.getKeepAs())
                .setUid(reset.getKeepUid())
                .setGeneration(1)
                .setCreateTime(Times.message(now))
                .putAllLabels(clone.getMeta().getLabelsMap()))
        .setSpec(clone.getSpec().toBuilder().clearPort())
        .setAssignment(clone.getAssignment().toBuilder().setPort(port))
        .setWish(wish)
        .setStatus(
            CloneStatus.newBuilder()
                .setState(Clone.State.STOPPED)
                .setReadyTime(clone.getStatus().getReadyTime())
                .setLastUsedTime(Times.message(now)))
        .build();
  }

  /** The clone is as it was; what was made of the new data is to go. */
  static void failed(CloneRecord.Builder clone, Optional<Fault> why, Instant now) {
    clone.getStatusBuilder().addRetired(clone.getWish().getReset().getVolume());
    end(clone, why, now);
  }

  private static void end(CloneRecord.Builder clone, Optional<Fault> why, Instant now) {
    clone.getWishBuilder().clearReset();
    CloneStatus.Builder status = clone.getStatusBuilder();
    status.getLastResetBuilder().setEndTime(Times.message(now));
    why.map(Failures::message).ifPresent(status.getLastResetBuilder()::setFailure);
  }
}
