package dev.ramet.storage.san;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that a host needs to use an array's volume.
 *
 * @param portals ways to it, at least one
 * @param lun logical unit number behind each portal
 * @param wwid the logical unit's name by SCSI's page 0x83, "naa." and 16 or 32 hexadecimal digits
 *     (SPC-4, 7.8.6): what tells it from any other, whatever the path
 * @param chap what the host has to show; null: nothing
 * @param targetChap what the target has to show; null: nothing
 */
public record LunAddress(
    List<TargetPortal> portals,
    int lun,
    String wwid,
    @Nullable Chap chap,
    @Nullable Chap targetChap) {
  private static final Pattern WWID = Pattern.compile("naa\\.[0-9a-f]{16}([0-9a-f]{16})?");
  private static final int MOST = 16_383;

  /** Refuses an address that leads nowhere. */
  public LunAddress {
    portals = List.copyOf(portals);
    if (portals.isEmpty()) {
      throw new IllegalArgumentException("a LUN needs a portal to be reached by");
    }
    if (lun < 0 || lun > MOST) {
      throw new IllegalArgumentException("%d is not a LUN, 0 to %d".formatted(lun, MOST));
    }
    if (!WWID.matcher(wwid).matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a WWID, 'naa.' with 16 or 32 of 0-9 and a-f".formatted(wwid));
    }
    if (targetChap != null && chap == null) {
      throw new IllegalArgumentException("CHAP the other way needs CHAP this way");
    }
  }

  /** What the host has to show, if anything. */
  public Optional<Chap> chapIfAny() {
    return Optional.ofNullable(chap);
  }

  /** What the target has to show, if anything. */
  public Optional<Chap> targetChapIfAny() {
    return Optional.ofNullable(targetChap);
  }
}
