package dev.ramet.storage.iscsi;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import dev.ramet.storage.san.TargetPortal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Attaches and detaches a LUN, as fast as it can, until it is killed. */
public final class KilledChild {
  private KilledChild() {}

  /**
   * @param arguments pool, portal, target, WWID
   */
  public static void main(String[] arguments) {
    LunAddress address =
        new LunAddress(
            List.of(new TargetPortal(arguments[1], arguments[2])),
            Tgt.LUN,
            arguments[3],
            null,
            null);
    LunDriver driver =
        QemuTransportLab.open(
            Path.of(arguments[0]), new JnaKernel(), new HostPrograms(), Duration.ofSeconds(5));
    VolumeId id = new VolumeId("c.1");
    System.out.println("running");
    while (true) {
      driver.attach(id, address);
      driver.detach(id);
    }
  }
}
