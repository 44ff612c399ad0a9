package dev.ramet.storage.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each verb is killed before its first, second, ... last system call, then repeated by a new
 * driver: the end is the same as without the kill, and nothing leaks. After each kill the volume
 * can be deleted as well.
 */
public abstract class CutVerbsContract {
  private static final int MANY = 200;
  private static final VolumeSpec SPEC = new VolumeSpec(ByteSize.ofMebi(64));
  private static final VolumeId SOURCE = new VolumeId("source");
  private static final VolumeId CLONE = new VolumeId("clone");
  private static final SnapshotId GOLDEN = new SnapshotId("golden");

  private CowDriver whole;

  protected abstract Path pool();

  protected abstract CowDriver open(Kernel kernel, Mkfs mkfs);

  /** Whether clones can have a limit here, which then is part of what is cut. */
  protected abstract CloneSpec cloneSpec();

  @BeforeEach
  void openPool() {
    whole = open(new JnaKernel(), new MkfsCommands());
  }

  @AfterEach
  void clear() {
    reset();
    assertThat(whole.list()).isEqualTo(new Listing(List.of(), List.of(), List.of()));
  }

  private void reset() {
    whole.list().volumes().forEach(volume -> whole.detach(volume.id()));
    whole.list().volumes().forEach(volume -> whole.deleteVolume(volume.id()));
    whole.list().snapshots().forEach(snapshot -> whole.deleteSnapshot(snapshot.id()));
  }

  @Test
  void creatingAVolumeSurvivesEveryCut() throws IOException {
    cutEverywhere(() -> {}, driver -> driver.createVolume(SOURCE, SPEC), SOURCE);
  }

  @Test
  void snapshottingSurvivesEveryCut() throws IOException {
    cutEverywhere(
        () -> whole.createVolume(SOURCE, SPEC),
        driver -> driver.createSnapshot(GOLDEN, SOURCE, SnapshotMode.DETACHED),
        SOURCE);
  }

  @Test
  void snapshottingALiveVolumeSurvivesEveryCut() throws IOException {
    cutEverywhere(
        () -> {
          whole.createVolume(SOURCE, SPEC);
          whole.attach(SOURCE);
        },
        driver -> driver.createSnapshot(GOLDEN, SOURCE, SnapshotMode.LIVE),
        SOURCE);
  }

  @Test
  void cloningSurvivesEveryCut() throws IOException {
    cutEverywhere(this::golden, this::makeClone, CLONE);
  }

  @Test
  void attachingSurvivesEveryCut() throws IOException {
    cutEverywhere(this::detachedClone, driver -> driver.attach(CLONE), CLONE);
  }

  @Test
  void detachingSurvivesEveryCut() throws IOException {
    cutEverywhere(
        () -> {
          detachedClone();
          whole.attach(CLONE);
        },
        driver -> driver.detach(CLONE),
        CLONE);
  }

  @Test
  void deletingAVolumeSurvivesEveryCut() throws IOException {
    cutEverywhere(this::detachedClone, driver -> driver.deleteVolume(CLONE), CLONE);
  }

  @Test
  void deletingASnapshotSurvivesEveryCut() throws IOException {
    cutEverywhere(this::golden, driver -> driver.deleteSnapshot(GOLDEN), SOURCE);
  }

  private void golden() {
    whole.createVolume(SOURCE, SPEC);
    whole.createSnapshot(GOLDEN, SOURCE, SnapshotMode.DETACHED);
  }

  private void detachedClone() {
    golden();
    makeClone(whole);
  }

  private void makeClone(CowDriver driver) {
    driver.cloneVolume(CLONE, GOLDEN, cloneSpec());
  }

  private void cutEverywhere(Runnable setUp, Consumer<CowDriver> verb, VolumeId subject)
      throws IOException {
    setUp.run();
    verb.accept(whole);
    State expected = state();
    for (int calls = 0; ; calls++) {
      for (boolean repeated : new boolean[] {true, false}) {
        reset();
        setUp.run();
        CutKernel cut = new CutKernel(calls);
        if (!dies(cut, verb)) {
          assertThat(state()).as("without a cut, %s", cut.calls()).isEqualTo(expected);
          assertThat(calls).as("system calls of the verb").isPositive();
          return;
        }
        CowDriver restarted = open(new JnaKernel(), new MkfsCommands());
        assertNoDeviceWithoutMount(cut);
        if (repeated) {
          verb.accept(restarted);
          assertThat(state()).as("cut after %s", cut.calls()).isEqualTo(expected);
        } else {
          assertCanBeDeleted(restarted, subject, cut);
        }
      }
      if (calls > MANY) {
        fail("the verb has no end");
      }
    }
  }

  private boolean dies(CutKernel cut, Consumer<CowDriver> verb) {
    try {
      verb.accept(open(cut.kernel(), cut.mkfs()));
      return false;
    } catch (CutKernel.Killed e) {
      return true;
    }
  }

  private void assertCanBeDeleted(CowDriver restarted, VolumeId subject, CutKernel cut)
      throws IOException {
    restarted.detach(subject);
    restarted.deleteVolume(subject);
    if (restarted.findSnapshot(GOLDEN).isPresent() || !restarted.list().leftovers().isEmpty()) {
      restarted.deleteSnapshot(GOLDEN);
    }
    assertThat(restarted.findVolume(subject)).isEmpty();
    assertThat(state().leftovers()).as("cut after %s, then deleted", cut.calls()).isEmpty();
  }

  private void assertNoDeviceWithoutMount(CutKernel cut) throws IOException {
    State state = state();
    assertThat(state.devices().size())
        .as("loop devices after a cut after %s", cut.calls())
        .isLessThanOrEqualTo(state.mounts().size());
  }

  /** All that can be seen of the pool: listing, mounts, devices, limits, names of files. */
  private record State(
      List<String> volumes,
      List<?> snapshots,
      List<?> leftovers,
      List<String> mounts,
      List<String> devices,
      List<String> limits,
      List<String> files) {}

  private State state() throws IOException {
    Listing listing = whole.list();
    Map<String, Path> devices = new LoopDevices(new JnaKernel()).backedBelow(pool());
    return new State(
        listing.volumes().stream()
            .map(volume -> "%s of %s %s".formatted(volume.id(), volume.origin(), volume.limit()))
            .toList(),
        listing.snapshots(),
        listing.leftovers(),
        LoopPoolExtension.mountsBelow(pool().resolve("mnt")).stream()
            .map(line -> line.split(" ")[4])
            .toList(),
        devices.values().stream().map(Path::toString).sorted().toList(),
        reservedClusters(devices.keySet()),
        LoopPoolExtension.names(pool()));
  }

  /** What ext4 enforces; a cut after the mount must not leave a clone without its limit. */
  private static List<String> reservedClusters(Set<String> devices) throws IOException {
    List<String> reserves = new ArrayList<>();
    for (String device : devices) {
      Path knob = Path.of("/sys/fs/ext4", device, "reserved_clusters");
      reserves.add(Files.exists(knob) ? Files.readString(knob).strip() : "none");
    }
    return reserves;
  }
}
