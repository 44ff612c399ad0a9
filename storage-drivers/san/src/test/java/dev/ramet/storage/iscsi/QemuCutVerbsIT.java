package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attaching and detaching are killed before their first, second, ... last system call or program,
 * then repeated, or detached, by a new driver: the end is the same as without the kill, and nothing
 * leaks.
 */
class QemuCutVerbsIT {
  private static final VolumeId ID = new VolumeId("c.1");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MANY = 100;

  @TempDir Path directory;
  private Tgt tgt;
  private SanLab lab;
  private LunAddress address;
  private LunDriver whole;

  @BeforeEach
  void start() throws IOException {
    tgt = Tgt.start(directory);
    lab = new SanLab(Files.createDirectory(directory.toRealPath().resolve("pool")));
    whole = QemuTransportLab.open(lab.pool(), new JnaKernel(), new HostPrograms(), PATIENCE);
    address = tgt.address(tgt.export(Lab.ext4(directory.resolve("disk"))));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try {
      whole.detach(ID);
      lab.assertNothingLeft(tgt);
    } finally {
      tgt.close();
    }
  }

  @Test
  void attachingSurvivesEveryCut() throws IOException {
    cutEverywhere(() -> {}, driver -> driver.attach(ID, address), this::assertAttached);
  }

  @Test
  void detachingSurvivesEveryCut() throws IOException {
    cutEverywhere(
        () -> whole.attach(ID, address),
        driver -> driver.detach(ID),
        () -> lab.assertNothingLeft());
  }

  /** What is looked at afterwards. */
  private interface Look {
    void run() throws IOException;
  }

  private void assertAttached() throws IOException {
    assertThat(whole.list().leftovers()).isEmpty();
    assertThat(whole.list().volumes()).hasSize(1);
    assertThat(whole.attach(ID).path().resolve("lost+found")).isDirectory();
    assertThat(lab.mounts()).hasSize(2);
    assertThat(lab.daemons()).hasSize(1);
  }

  private void cutEverywhere(Runnable setUp, Consumer<LunDriver> verb, Look end)
      throws IOException {
    for (int calls = 0; calls < MANY; calls++) {
      for (boolean repeated : new boolean[] {true, false}) {
        setUp.run();
        CutCalls cut = new CutCalls(calls);
        if (!dies(cut, verb)) {
          end.run();
          assertThat(calls).as("calls of the verb").isGreaterThan(4);
          return;
        }
        try {
          assertKnown();
          if (repeated) {
            verb.accept(whole);
            end.run();
          }
          whole.detach(ID);
          lab.assertNothingLeft();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("cut after %s".formatted(cut.calls()), e);
        }
      }
    }
    fail("the verb has no end");
  }

  private boolean dies(CutCalls cut, Consumer<LunDriver> verb) {
    try {
      verb.accept(QemuTransportLab.open(lab.pool(), cut.kernel(), cut.programs(), PATIENCE));
      return false;
    } catch (CutCalls.Killed e) {
      return true;
    }
  }

  /** What there is on the host is in the list. */
  private void assertKnown() throws IOException {
    boolean anything = !lab.mounts().isEmpty() || !lab.daemons().isEmpty();
    boolean listed = !whole.list().leftovers().isEmpty() || !whole.list().volumes().isEmpty();
    assertThat(listed)
        .as("listed, with %s and %s", lab.mounts(), lab.daemons())
        .isIn(true, anything);
  }
}
