package dev.ramet.storage.testkit;

import java.util.Set;

/** A way to break the contract, and the tests of the suite that must notice. */
public enum Defect {
  /** Makes a volume again over the one that is there. */
  CREATES_OVER_WHAT_IS_THERE("creatingAVolumeAgainKeepsItsContent"),
  /** Answers with a volume of another size as if it were the one asked for. */
  TAKES_ANY_SIZE("creatingAVolumeThatExistsWithAnotherSizeIsRefused"),
  /** Clones again over a clone that is there. */
  CLONES_OVER_WHAT_IS_THERE("cloningAgainAfterWritesKeepsThem"),
  /** Answers with a clone of another snapshot. */
  TAKES_ANY_ORIGIN("cloningToAnIdThatHasAnotherOriginIsRefused"),
  /** Answers with a snapshot of another volume. */
  TAKES_ANY_SOURCE("aSnapshotThatExistsOfAnotherVolumeIsRefused"),
  /** Clones without the limit that was asked for, and says nothing. */
  DROPS_THE_LIMIT("aLimitIsKeptOrRefused"),
  /** What is written in a clone shows in its snapshot. */
  WRITES_THROUGH(
      "writesInAClonesReachNeitherTheSnapshotNorOtherClones", "verbsOnDifferentIdsMayRunAtOnce"),
  /** Attaching again gives another path. */
  ATTACHES_ANEW("attachingTwiceGivesTheSameAnswer"),
  /** Counts attachments: as many detaches are needed. */
  COUNTS_ATTACHMENTS("oneDetachEndsAnAttachmentThatWasAskedForTwice"),
  /** Fails to detach what is missing. */
  DETACH_NEEDS_A_VOLUME("detachingAMissingVolumeSucceeds"),
  /** Answers a detach of a volume in use with success. */
  SAYS_DETACHED_WHILE_IN_USE("detachingAVolumeInUseIsRefusedAndNamesTheProcess"),
  /** Detaches a volume so that it can be deleted. */
  DELETES_WHAT_IS_ATTACHED("deletingAnAttachedVolumeIsRefusedAndAltersNothing"),
  /** Detaches a volume so that it can be snapshotted. */
  SNAPSHOTS_WHAT_IS_ATTACHED("aSnapshotOfAnAttachedVolumeIsRefused"),
  /** Wants a volume detached for a live snapshot too. */
  REFUSES_LIVE_SNAPSHOTS("aLiveSnapshotOfAnAttachedVolumeHoldsWhatWasSyncedAndNothingLater"),
  /** Detaches a volume for a live snapshot. */
  DETACHES_WHAT_IS_LIVE("aLiveSnapshotLeavesItsVolumeAttachedAndWritable"),
  /** What is written after a live snapshot shows in it. */
  LIVE_SNAPSHOTS_GO_ON_CHANGING("aLiveSnapshotOfAnAttachedVolumeHoldsWhatWasSyncedAndNothingLater"),
  /** Takes a snapshot that is asked for again in the other mode for another. */
  TELLS_MODES_APART("aSnapshotThatIsAskedForAgainInTheOtherModeIsTheSame"),
  /** Fails to delete what is missing. */
  DELETE_NEEDS_A_VOLUME("deletingWhatIsMissingSucceeds", "whatIsDeletedIsGoneAndItsIdFree"),
  /** Hides a deleted volume instead of removing it. */
  HIDES_INSTEAD_OF_DELETING("whatIsDeletedIsGoneAndItsIdFree"),
  /** Lists what this instance made, not what is in the pool. */
  LISTS_FROM_MEMORY("theListingAfterARestartIsTheTruth"),
  /** Says IO for everything. */
  SAYS_IO_FOR_EVERYTHING("attachingAMissingVolumeIsRefused", "aSnapshotOfAMissingVolumeIsRefused"),
  /** Goes on in a full pool. */
  IGNORES_A_FULL_POOL("aFullPoolRefusesAndLeavesNothing"),
  /** Calls all bytes its own. */
  COUNTS_SHARED_AS_OWN(
      "usageTellsOwnFromSharedBytesOrIsRefused", "aSnapshotOwnsWhatNobodyElseHoldsOrIsNotMeasured"),
  /** Measures the volume that a snapshot was made of, not the snapshot. */
  MEASURES_THE_VOLUME_FOR_ITS_SNAPSHOT("aSnapshotOwnsWhatNobodyElseHoldsOrIsNotMeasured"),
  /** Takes what a snapshot of the volume shares for no growth of the volume. */
  FORGETS_WHAT_WAS_SAVED("growthIsWhatTheOriginDoesNotHoldWhateverWasSavedOrIsRefused"),
  /** Loses the end of what is read. */
  READS_TOO_LITTLE("aSnapshotThatIsReadAndWrittenElsewhereIsTheSame"),
  /** A writer that is closed commits. */
  COMMITS_ON_CLOSE("aWriterThatIsClosedWithoutACommitLeavesNothing"),
  /** Claims a capability that it lacks. */
  CLAIMS_BLOCK_DEVICES("theKindOfAttachmentIsTheOneOfTheCapabilities");

  @SuppressWarnings("ImmutableEnumChecker") // of Set.of
  private final Set<String> noticedBy;

  Defect(String... noticedBy) {
    this.noticedBy = Set.of(noticedBy);
  }

  /** Names of the tests that must fail. */
  public Set<String> noticedBy() {
    return noticedBy;
  }
}
