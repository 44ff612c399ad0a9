package dev.ramet.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link CowDriver} as tests. A driver's test class extends it, opens the driver on
 * a real pool, and has every rule checked: {@link LimitUsageTransferContract} has those of optional
 * capabilities, {@link SnapshotContract} those of snapshots, and both are part of this one.
 */
public abstract class CowDriverContract extends SnapshotContract {

  @Test
  void creatingAVolumeTwiceReturnsTheSameVolume() {
    Volume first = driver().createVolume(volume("a"), spec());
    assertThat(driver().createVolume(volume("a"), spec())).isEqualTo(first);
    assertThat(first.id()).isEqualTo(volume("a"));
    assertThat(first.originIfAny()).isEmpty();
    assertThat(first.attachmentIfAny()).isEmpty();
    assertThat(first.size()).isGreaterThanOrEqualTo(size());
    assertThat(driver().list().volumes()).containsExactly(first);
  }

  @Test
  void creatingAVolumeAgainKeepsItsContent() throws IOException {
    driver().createVolume(volume("a"), spec());
    write(volume("a"), "kept", "content");
    driver().createVolume(volume("a"), spec());
    assertThat(read(volume("a"), "kept")).isEqualTo("content");
  }

  @Test
  void creatingAVolumeThatExistsWithAnotherSizeIsRefused() {
    driver().createVolume(volume("a"), spec());
    VolumeSpec other = new VolumeSpec(new ByteSize(size().bytes() * 2));
    assertRefused(StorageError.ALREADY_EXISTS, () -> driver().createVolume(volume("a"), other));
  }

  @Test
  void aVolumeOfNoSizeIsRefusedAndNothingIsLeft() {
    assertRefused(
        StorageError.INVALID_ARGUMENT,
        () -> driver().createVolume(volume("a"), new VolumeSpec(new ByteSize(0))));
    assertThat(driver().findVolume(volume("a"))).isEmpty();
  }

  @Test
  void anAttachedVolumeCanBeWrittenAndKeepsItsContent() throws IOException {
    driver().createVolume(volume("a"), spec());
    write(volume("a"), "kept", "content");
    assertThat(read(volume("a"), "kept")).isEqualTo("content");
  }

  @Test
  void attachingTwiceGivesTheSameAnswer() {
    driver().createVolume(volume("a"), spec());
    Attachment first = driver().attach(volume("a"));
    assertThat(driver().attach(volume("a"))).isEqualTo(first);
    assertThat(driver().findVolume(volume("a")).flatMap(Volume::attachmentIfAny)).contains(first);
  }

  @Test
  void oneDetachEndsAnAttachmentThatWasAskedForTwice() {
    driver().createVolume(volume("a"), spec());
    driver().attach(volume("a"));
    driver().attach(volume("a"));
    driver().detach(volume("a"));
    assertThat(driver().findVolume(volume("a")).flatMap(Volume::attachmentIfAny)).isEmpty();
  }

  @Test
  void theKindOfAttachmentIsTheOneOfTheCapabilities() {
    driver().createVolume(volume("a"), spec());
    Attachment attachment = driver().attach(volume("a"));
    assertThat(attachment instanceof Attachment.BlockDevice)
        .isEqualTo(can(Capability.BLOCK_DEVICE));
    assertThat(attachment.path()).isDirectory();
  }

  @Test
  void attachingAMissingVolumeIsRefused() {
    assertRefused(StorageError.NOT_FOUND, () -> driver().attach(volume("missing")));
    assertThat(driver().list().leftovers()).isEmpty();
  }

  @Test
  void detachingTwiceSucceeds() {
    driver().createVolume(volume("a"), spec());
    driver().attach(volume("a"));
    driver().detach(volume("a"));
    driver().detach(volume("a"));
  }

  @Test
  void detachingAMissingVolumeSucceeds() {
    driver().detach(volume("missing"));
  }

  @Test
  void detachingAVolumeInUseIsRefusedAndNamesTheProcess() throws IOException {
    driver().createVolume(volume("a"), spec());
    Path root = driver().attach(volume("a")).path();
    try (OutputStream open = Files.newOutputStream(root.resolve("open"))) {
      open.write(1);
      assertRefused(StorageError.IN_USE, () -> driver().detach(volume("a")));
      StorageException refusal = refusal(() -> driver().detach(volume("a")));
      assertThat(refusal).hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
      assertThat(root.resolve("open")).exists();
    }
    driver().detach(volume("a"));
  }

  private static StorageException refusal(Runnable verb) {
    try {
      verb.run();
    } catch (StorageException e) {
      return e;
    }
    throw new AssertionError("expected a refusal");
  }

  @Test
  void anAttachmentSurvivesTheDriversRestart() throws IOException {
    driver().createVolume(volume("a"), spec());
    Attachment before = driver().attach(volume("a"));
    Files.writeString(before.path().resolve("kept"), "content");
    CowDriver restarted = reopen();
    assertThat(restarted.attach(volume("a"))).isEqualTo(before);
    assertThat(before.path().resolve("kept")).hasContent("content");
  }

  @Test
  void cloningTwiceReturnsTheSameVolume() throws IOException {
    golden();
    Volume first = cloned("a");
    assertThat(cloned("a")).isEqualTo(first);
    assertThat(first.originIfAny()).contains(GOLDEN);
    assertThat(driver().findVolume(volume("a"))).contains(first);
  }

  @Test
  void cloningAgainWhileAttachedTellsTheAttachment() throws IOException {
    golden();
    cloned("a");
    Attachment attachment = driver().attach(volume("a"));
    assertThat(cloned("a").attachmentIfAny()).contains(attachment);
  }

  @Test
  void cloningAgainAfterWritesKeepsThem() throws IOException {
    golden();
    cloned("a");
    write(volume("a"), "mine", "written");
    cloned("a");
    assertThat(read(volume("a"), "mine")).isEqualTo("written");
  }

  @Test
  void cloningToAnIdThatHasAnotherOriginIsRefused() throws IOException {
    golden();
    driver().createSnapshot(snapshot("golden.2"), volume("source"), SnapshotMode.DETACHED);
    cloned("a");
    assertRefused(
        StorageError.ALREADY_EXISTS,
        () -> driver().cloneVolume(volume("a"), snapshot("golden.2"), CloneSpec.LIKE_ORIGIN));
    assertRefused(StorageError.ALREADY_EXISTS, () -> cloned("source"));
  }

  @Test
  void cloningAMissingSnapshotIsRefusedAndNothingIsLeft() {
    assertRefused(StorageError.NOT_FOUND, () -> cloned("a"));
    assertThat(driver().findVolume(volume("a"))).isEmpty();
  }

  @Test
  void aCloneHoldsWhatItsSnapshotHolds() throws IOException {
    golden();
    cloned("a");
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
  }

  @Test
  void writesInAClonesReachNeitherTheSnapshotNorOtherClones() throws IOException {
    golden();
    String before = digest(GOLDEN);
    cloned("a");
    cloned("b");
    write(volume("a"), "greeting", "changed");
    write(volume("b"), "other", "new");
    assertThat(digest(GOLDEN)).isEqualTo(before);
    assertThat(read(volume("b"), "greeting")).isEqualTo(GREETING);
    assertThat(read(volume("a"), "greeting")).isEqualTo("changed");
    assertThat(driver().attach(volume("a")).path().resolve("other")).doesNotExist();
    cloned("c");
    assertThat(read(volume("c"), "greeting")).isEqualTo(GREETING);
  }

  @Test
  void writesInTheSourceDoNotReachItsSnapshot() throws IOException {
    golden();
    String before = digest(GOLDEN);
    write(volume("source"), "greeting", "changed");
    assertThat(digest(GOLDEN)).isEqualTo(before);
    cloned("a");
    assertThat(read(volume("a"), "greeting")).isEqualTo(GREETING);
  }

  @Test
  void deletingAnAttachedVolumeIsRefusedAndAltersNothing() throws IOException {
    driver().createVolume(volume("a"), spec());
    Path root = driver().attach(volume("a")).path();
    Files.writeString(root.resolve("kept"), "content");
    assertRefused(StorageError.IN_USE, () -> driver().deleteVolume(volume("a")));
    assertThat(root.resolve("kept")).hasContent("content");
    assertThat(driver().findVolume(volume("a")).flatMap(Volume::attachmentIfAny)).isPresent();
  }

  @Test
  void deletingWhatIsMissingSucceeds() {
    driver().deleteVolume(volume("missing"));
    driver().deleteSnapshot(snapshot("missing"));
  }

  @Test
  void whatIsDeletedIsGoneAndItsIdFree() throws IOException {
    golden();
    cloned("a");
    write(volume("a"), "mine", "written");
    driver().deleteVolume(volume("a"));
    driver().deleteVolume(volume("a"));
    assertThat(driver().findVolume(volume("a"))).isEmpty();
    assertRefused(StorageError.NOT_FOUND, () -> driver().attach(volume("a")));
    cloned("a");
    assertThat(driver().attach(volume("a")).path().resolve("mine")).doesNotExist();
  }

  @Test
  void deletingASnapshotWithClonesEitherKeepsThemWholeOrIsRefusedNamingThem() throws IOException {
    golden();
    cloned("a.clone");
    try {
      driver().deleteSnapshot(GOLDEN);
      assertThat(driver().findSnapshot(GOLDEN)).isEmpty();
    } catch (StorageException e) {
      assertThat(e.error()).isEqualTo(StorageError.HAS_DEPENDANTS);
      assertThat(e).hasMessageContaining("a.clone");
      assertThat(driver().findSnapshot(GOLDEN)).isPresent();
    }
    assertThat(read(volume("a.clone"), "greeting")).isEqualTo(GREETING);
    assertThat(cloned("a.clone").originIfAny()).contains(GOLDEN);
  }

  @Test
  void theListingAfterARestartIsTheTruth() throws IOException {
    golden();
    cloned("a");
    cloned("b");
    driver().attach(volume("b"));
    Listing before = driver().list();
    Listing after = reopen().list();
    assertThat(after.volumes()).containsExactlyInAnyOrderElementsOf(before.volumes());
    assertThat(after.volumes())
        .extracting(found -> found.id().value())
        .containsExactlyInAnyOrder("source", "a", "b");
    assertThat(after.snapshots()).containsExactlyElementsOf(before.snapshots());
    assertThat(after.leftovers()).isEmpty();
    assertThat(driver().findVolume(volume("a"))).get().extracting(Volume::origin).isEqualTo(GOLDEN);
  }

  @Test
  void aVolumeAndASnapshotMayHaveTheSameId() throws IOException {
    golden();
    cloned(GOLDEN.value());
    driver().deleteSnapshot(GOLDEN);
    assertThat(driver().findVolume(volume(GOLDEN.value()))).isPresent();
  }

  @Test
  void theLongestIdsWork() throws IOException {
    golden();
    String longest = "x".repeat(127);
    cloned(longest);
    assertThat(read(volume(longest), "greeting")).isEqualTo(GREETING);
    driver().createSnapshot(snapshot(longest), volume(longest), SnapshotMode.DETACHED);
    driver().deleteSnapshot(snapshot(longest));
  }

  @Test
  void aFullPoolRefusesAndLeavesNothing() throws Exception {
    golden();
    try (AutoCloseable full = fillPool()) {
      assertThat(full).isNotNull();
      assertRefused(StorageError.POOL_FULL, () -> cloned("a"));
      assertRefused(StorageError.POOL_FULL, () -> driver().createVolume(volume("b"), spec()));
      assertRefused(
          StorageError.POOL_FULL,
          () ->
              driver()
                  .createSnapshot(snapshot("golden.2"), volume("source"), SnapshotMode.DETACHED));
      assertThat(driver().list().volumes()).hasSize(1);
      assertThat(driver().list().snapshots()).hasSize(1);
      assertThat(driver().list().leftovers()).isEmpty();
    }
    cloned("a");
  }

  @Test
  void aHealthyPoolTellsItsRoom() {
    PoolStatus status = driver().status();
    assertThat(status.problemIfAny()).isEmpty();
    assertThat(status.healthy()).isTrue();
    assertThat(status.total()).isGreaterThan(new ByteSize(0));
    assertThat(status.free()).isLessThanOrEqualTo(status.total());
  }

  @Test
  void closingTwiceDoesNothing() {
    CowDriver second = open();
    second.close();
    second.close();
  }

  @Test
  void verbsOnDifferentIdsMayRunAtOnce() throws Exception {
    golden();
    String before = digest(GOLDEN);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 24; i++) {
        String id = "clone." + i;
        running.add(
            threads.submit(() -> {
              cloned(id);
              write(volume(id), "greeting", id);
              assertThat(read(volume(id), "greeting")).isEqualTo(id);
              driver().attach(volume(id));
              return id;
            }));
      }
    }
    assertAllSucceeded(running);
    assertThat(driver().list().volumes()).hasSize(25);
    assertThat(driver().list().volumes().stream().flatMap(v -> v.attachmentIfAny().stream()))
        .doesNotHaveDuplicates()
        .hasSize(24);
    assertThat(digest(GOLDEN)).isEqualTo(before);
  }

  private static void assertAllSucceeded(List<Future<?>> running) throws InterruptedException {
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError("a verb failed while others ran", e.getCause());
      }
    }
  }
}
