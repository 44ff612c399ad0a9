package dev.ramet.agent.array;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.array.TgtTargets.Connection;
import org.junit.jupiter.api.Test;

class TgtTargetsTest {
  /** As tgtadm 1.0.85 prints it. */
  private static final String SHOWN =
      """
      Target 1: iqn.2026-11.dev.ramet:san-host:app.c1
          System information:
              Driver: iscsi
              State: ready
          I_T nexus information:
              I_T nexus: 2
                  Initiator: iqn.2026-11.dev.ramet:host-a alias: none
                  Connection: 0
                      IP Address: 127.0.0.1
              I_T nexus: 5
                  Initiator: iqn.2026-11.dev.ramet:host-b alias: none
                  Connection: 0
                      IP Address: 127.0.0.1
                  Connection: 1
                      IP Address: 10.0.0.7
          LUN information:
              LUN: 0
                  Type: controller
                  SCSI ID: IET     00010000
              LUN: 1
                  Type: disk
                  SCSI ID: 6a8e0c1f7b2d4e5f6071829304a5b6c7
                  Backing store path: /srv/target/volumes/app.c1.raw
                  Backing store flags:
          Account information:
              ramet-host-a
              ramet-host-b
              ramet-target (outgoing)
          ACL information:
              iqn.2026-11.dev.ramet:host-a
              iqn.2026-11.dev.ramet:host-b
      Target 3: iqn.2026-11.com.example:somebody-elses
          System information:
              Driver: iscsi
              State: ready
          I_T nexus information:
          LUN information:
              LUN: 0
                  Type: controller
          Account information:
          ACL information:
              ALL
      """;

  private final TgtTargets targets = TgtTargets.parse(SHOWN.lines().toList());

  @Test
  void aTargetIsReadWithItsSessionsAccountsAndInitiators() {
    assertThat(targets.find("iqn.2026-11.dev.ramet:san-host:app.c1"))
        .hasValueSatisfying(target -> {
          assertThat(target.tid()).isEqualTo(1);
          assertThat(target.wwid()).isEqualTo("6a8e0c1f7b2d4e5f6071829304a5b6c7");
          assertThat(target.connections())
              .containsExactly(
                  new Connection(2, 0, "iqn.2026-11.dev.ramet:host-a"),
                  new Connection(5, 0, "iqn.2026-11.dev.ramet:host-b"),
                  new Connection(5, 1, "iqn.2026-11.dev.ramet:host-b"));
          assertThat(target.accounts())
              .containsExactly("ramet-host-a", "ramet-host-b", "ramet-target");
          assertThat(target.initiators())
              .containsExactly("iqn.2026-11.dev.ramet:host-a", "iqn.2026-11.dev.ramet:host-b");
        });
  }

  @Test
  void anotherOneIsReadToo() {
    assertThat(targets.find("iqn.2026-11.com.example:somebody-elses"))
        .hasValueSatisfying(target -> {
          assertThat(target.wwid()).as("it has no unit but its controller").isEmpty();
          assertThat(target.connections()).isEmpty();
          assertThat(target.accounts()).isEmpty();
          assertThat(target.initiators()).containsExactly("ALL");
        });
    assertThat(targets.find("iqn.2026-11.com.example:no-such")).isEmpty();
  }

  @Test
  void theSmallestNumberThatIsFreeIsTaken() {
    assertThat(targets.freeNumber()).isEqualTo(2);
    assertThat(TgtTargets.parse(java.util.List.of()).freeNumber()).isEqualTo(1);
  }
}
