package dev.ramet.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArrayVolume;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.StorageArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every array driver does, on an array that exports for real. Each test has an array of its
 * own, or one that is emptied.
 */
@Timeout(120)
public abstract class StorageArrayContract {
  private static final String HOST_A = "iqn.2026-11.dev.ramet:host-a";
  private static final String HOST_B = "iqn.2026-11.dev.ramet:host-b";
  private static final Chap CHAP_A = new Chap("ramet-host-a", "secret-of-a-1234");
  private static final Chap CHAP_B = new Chap("ramet-host-b", "secret-of-b-1234");
  private static final SnapshotId PROD = new SnapshotId("app.1");
  private static final VolumeId CLONE = new VolumeId("app.c1");

  /** The array under test, with nothing of ours on it. */
  protected abstract StorageArray array();

  /** Makes a volume of somebody else's, of 16 MiB or more, the first block filled with a byte. */
  protected abstract void makeSource(String name, int value);

  /** Fills its first block anew. */
  protected abstract void writeSource(String name, int value);

  /** Whether somebody else's volume is there still, and has this in its first block. */
  protected abstract boolean sourceHolds(String name, int value);

  private static Initiator hostA() {
    return new Initiator("host-a", HOST_A, CHAP_A, null);
  }

  private static Initiator hostB() {
    return new Initiator("host-b", HOST_B, CHAP_B, null);
  }

  private static void assertRefused(StorageError error, ThrowingCallable verb, String... words) {
    StorageException refusal = catchThrowableOfType(StorageException.class, verb);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.error()).as(refusal.getMessage()).isEqualTo(error);
    for (String word : words) {
      assertThat(refusal.getMessage()).contains(word);
    }
  }

  private void cloned() {
    makeSource("PROD", 0xa1);
    array().importSnapshots(Map.of(PROD, "PROD"));
    array().cloneVolume(CLONE, PROD);
  }

  private static void assertHolds(LunAddress address, int value) {
    try (LunClient client = LunClient.open(address, HOST_A, CHAP_A)) {
      client.require(0, value);
    }
  }

  @Test
  void anEmptyArrayIsHealthyAndSaysWhatItIs() {
    assertThat(array().status().problemIfAny()).isEmpty();
    assertThat(array().status().description()).isNotBlank();
    assertThat(array().status().free().bytes()).isPositive();
    assertThat(array().list().volumes()).isEmpty();
    assertThat(array().list().snapshots()).isEmpty();
  }

  @Test
  void aCloneHoldsWhatTheSourceHeldWhenItWasImported() {
    cloned();
    writeSource("PROD", 0xa2);
    assertHolds(array().grantAccess(CLONE, hostA()), 0xa1);
  }

  @Test
  void whatIsWrittenInOneCloneIsInNoOther() {
    cloned();
    try (LunClient client = LunClient.open(array().grantAccess(CLONE, hostA()), HOST_A, CHAP_A)) {
      client.fill(0, 0xb1);
    }
    VolumeId other = new VolumeId("app.c2");
    array().cloneVolume(other, PROD);
    assertHolds(array().grantAccess(other, hostA()), 0xa1);
    assertHolds(array().grantAccess(CLONE, hostA()), 0xb1);
    assertThat(sourceHolds("PROD", 0xa1)).isTrue();
  }

  @Test
  void aSnapshotOfACloneKeepsWhatWasWritten() {
    cloned();
    SnapshotId save = new SnapshotId("app.c1.s1");
    try (LunClient client = LunClient.open(array().grantAccess(CLONE, hostA()), HOST_A, CHAP_A)) {
      client.fill(0, 0xb1);
      array().createSnapshot(save, CLONE);
      client.fill(0, 0xb2);
    }
    VolumeId branch = new VolumeId("app.c2");
    array().cloneVolume(branch, save);
    assertHolds(array().grantAccess(branch, hostA()), 0xb1);
  }

  @Test
  void everyVerbMayBeRepeated() {
    cloned();
    Snapshot imported = array().importSnapshots(Map.of(PROD, "PROD")).getFirst();
    assertThat(array().findSnapshot(PROD)).contains(imported);
    ArrayVolume volume = array().cloneVolume(CLONE, PROD);
    assertThat(volume.origin()).isEqualTo(PROD);
    assertThat(volume.size()).isEqualTo(imported.size());
    LunAddress address = array().grantAccess(CLONE, hostA());
    assertThat(array().grantAccess(CLONE, hostA())).isEqualTo(address);
    SnapshotId save = new SnapshotId("app.c1.s1");
    assertThat(array().createSnapshot(save, CLONE)).isEqualTo(array().createSnapshot(save, CLONE));
    for (int i = 0; i < 2; i++) {
      array().revokeAccess(CLONE, HOST_A);
      array().deleteVolume(CLONE);
      array().deleteSnapshot(save);
      array().deleteSnapshot(PROD);
    }
    assertThat(array().list().volumes()).isEmpty();
    assertThat(array().list().snapshots()).isEmpty();
  }

  @Test
  void otherArgumentsAreRefused() {
    cloned();
    SnapshotId other = new SnapshotId("app.2");
    array().importSnapshots(Map.of(other, "PROD"));
    assertRefused(StorageError.ALREADY_EXISTS, () -> array().cloneVolume(CLONE, other), "app.c1");
    VolumeId second = new VolumeId("app.c2");
    array().cloneVolume(second, PROD);
    SnapshotId save = new SnapshotId("app.c1.s1");
    array().createSnapshot(save, CLONE);
    assertRefused(StorageError.ALREADY_EXISTS, () -> array().createSnapshot(save, second));
  }

  @Test
  void whatIsNotThereIsNamed() {
    SnapshotId none = new SnapshotId("app.9");
    VolumeId gone = new VolumeId("app.gone");
    makeSource("PROD", 0xa1);
    Map<SnapshotId, String> sources = new LinkedHashMap<>();
    sources.put(PROD, "PROD");
    sources.put(none, "NO-SUCH");
    assertRefused(StorageError.NOT_FOUND, () -> array().importSnapshots(sources), "NO-SUCH");
    assertThat(array().list().snapshots()).as("nothing of the group is left").isEmpty();
    assertRefused(StorageError.NOT_FOUND, () -> array().cloneVolume(gone, none), "app.9");
    assertRefused(StorageError.NOT_FOUND, () -> array().createSnapshot(none, gone), "app.gone");
    assertRefused(StorageError.NOT_FOUND, () -> array().grantAccess(gone, hostA()), "app.gone");
    assertThat(array().findVolume(gone)).isEmpty();
    assertThat(array().findSnapshot(none)).isEmpty();
  }

  @Test
  void nobodyElseIsLetIn() {
    cloned();
    LunAddress address = array().grantAccess(CLONE, hostA());
    assertThatThrownBy(() -> LunClient.open(address, HOST_B, CHAP_A))
        .as("another host")
        .isNotNull();
    assertThatThrownBy(
            () -> LunClient.open(address, HOST_A, new Chap("ramet-host-a", "wrong-secret")))
        .as("a wrong secret")
        .isNotNull();
    assertThat(array().findVolume(CLONE).orElseThrow().initiators()).containsExactly(HOST_A);
    assertHolds(address, 0xa1);
  }

  @Test
  void aNewSecretHoldsAtOnce() {
    cloned();
    array().grantAccess(CLONE, hostA());
    Chap changed = new Chap("ramet-host-a", "another-secret-1");
    LunAddress address = array().grantAccess(CLONE, new Initiator("host-a", HOST_A, changed, null));
    try (LunClient client = LunClient.open(address, HOST_A, changed)) {
      client.require(0, 0xa1);
    }
    assertThatThrownBy(() -> LunClient.open(address, HOST_A, CHAP_A)).isNotNull();
  }

  @Test
  void whoseAccessEndsWritesNothingMore() {
    cloned();
    LunAddress address = array().grantAccess(CLONE, hostA());
    array().grantAccess(CLONE, hostB());
    try (LunClient cutOff = LunClient.open(address, HOST_A, CHAP_A);
        LunClient other = LunClient.open(address, HOST_B, CHAP_B)) {
      cutOff.fill(0, 0xb1);
      array().revokeAccess(CLONE, HOST_A);
      assertThatThrownBy(() -> cutOff.fill(0, 0xb2)).isNotNull();
      other.require(0, 0xb1);
      other.fill(1, 0xb3);
    }
    assertThat(array().findVolume(CLONE).orElseThrow().initiators()).containsExactly(HOST_B);
    assertThatThrownBy(() -> LunClient.open(address, HOST_A, CHAP_A)).isNotNull();
  }

  @Test
  void theLastOneWhoseAccessEndsWritesNothingMoreEither() {
    cloned();
    LunAddress address = array().grantAccess(CLONE, hostA());
    try (LunClient cutOff = LunClient.open(address, HOST_A, CHAP_A)) {
      cutOff.fill(0, 0xb1);
      array().revokeAccess(CLONE, HOST_A);
      assertThatThrownBy(() -> cutOff.fill(0, 0xb2)).isNotNull();
    }
    assertHolds(array().grantAccess(CLONE, hostA()), 0xb1);
  }

  @Test
  void aVolumeInUseIsNotRemoved() {
    cloned();
    array().grantAccess(CLONE, hostA());
    assertRefused(StorageError.IN_USE, () -> array().deleteVolume(CLONE), HOST_A);
    array().revokeAccess(CLONE, HOST_A);
    array().deleteVolume(CLONE);
    assertThat(array().findVolume(CLONE)).isEmpty();
  }

  @Test
  void whatIsNotOursIsLeftAlone() {
    cloned();
    makeSource("app.c2", 0xc1);
    VolumeId same = new VolumeId("app.c2");
    array().deleteVolume(same);
    array().deleteSnapshot(new SnapshotId("app.c2"));
    array().revokeAccess(same, HOST_A);
    assertThat(sourceHolds("app.c2", 0xc1)).isTrue();
    assertThat(array().list().volumes()).extracting(ArrayVolume::id).containsExactly(CLONE);
    assertThat(array().list().snapshots()).extracting(Snapshot::id).isEqualTo(List.of(PROD));
    assertThat(array().list().leftovers()).isEmpty();
  }
}
