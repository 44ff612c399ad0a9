package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.iscsi.session.PortalException;
import dev.ramet.storage.iscsi.session.PortalException.Reason;
import dev.ramet.storage.iscsi.session.TargetSession;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Looks for a portal that leads to the LUN meant, one after another, before anything is set up.
 * Cost: some round trips; where no portal answers, {@link #ALL} in all, and never less than {@link
 * #LEAST} for each.
 */
final class LunCheck {
  private static final Duration ALL = Duration.ofSeconds(9);
  private static final Duration LEAST = Duration.ofSeconds(2);
  private static final Duration MOST = Duration.ofSeconds(5);

  private LunCheck() {}

  /**
   * The first portal whose target lets us in and has, at that number, the LUN of that WWID.
   *
   * @throws StorageException {@code DEVICE} saying of each portal what is in the way
   */
  static TargetPortal choose(String initiator, LunAddress address) {
    Duration each = share(address.portals().size());
    List<String> faults = new ArrayList<>();
    boolean silence = true;
    for (TargetPortal portal : address.portals()) {
      try {
        requireWwid(initiator, portal, address, each);
        return portal;
      } catch (PortalException e) {
        faults.add("%s: %s".formatted(portal.address(), e.getMessage()));
        silence &= e.reason() == Reason.NO_ANSWER;
        if (e.reason() == Reason.AUTHENTICATION) {
          break; // some arrays lock out who tries too often
        }
      }
    }
    throw new StorageException(
        StorageError.DEVICE,
        (silence ? "no portal answers: " : "no portal leads to the LUN: ")
            + String.join("; ", faults));
  }

  private static Duration share(int portals) {
    Duration share = ALL.dividedBy(portals);
    if (share.compareTo(LEAST) < 0) {
      return LEAST;
    }
    return share.compareTo(MOST) > 0 ? MOST : share;
  }

  private static void requireWwid(
      String initiator, TargetPortal portal, LunAddress address, Duration atMost)
      throws PortalException {
    try (TargetSession session =
        TargetSession.login(initiator, portal, address.chapIfAny().orElse(null), atMost)) {
      Set<String> names = session.names(address.lun());
      if (!names.contains(address.wwid())) {
        throw new StorageException(
            StorageError.DEVICE,
            "LUN %d of %s at %s is not %s: its WWID is %s; nothing on it was touched"
                .formatted(
                    address.lun(),
                    portal.iqn(),
                    portal.address(),
                    address.wwid(),
                    names.isEmpty() ? "unknown" : String.join(", ", names)));
      }
    }
  }
}
