package dev.ramet.storage.iscsi;

import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of an address while its LUN is attached: all but the CHAP secrets.
 *
 * @param portals ways to it
 * @param lun logical unit number
 * @param wwid the LUN's name, which tells it from any other
 */
record LunRecord(List<TargetPortal> portals, int lun, String wwid) {
  LunRecord {
    portals = List.copyOf(portals);
  }

  static LunRecord of(LunAddress address) {
    return new LunRecord(address.portals(), address.lun(), address.wwid());
  }

  /** A line each: {@code wwid}, {@code lun}, then a {@code portal} with its target each. */
  String text() {
    StringBuilder text = new StringBuilder("wwid %s\nlun %d\n".formatted(wwid, lun));
    portals.forEach(
        portal -> text.append("portal %s %s\n".formatted(portal.address(), portal.iqn())));
    return text.toString();
  }

  /** Empty where it is no such text: cut short by a loss of power, or not ours. */
  static Optional<LunRecord> parse(String text) {
    String wwid = "";
    int lun = -1;
    List<TargetPortal> portals = new ArrayList<>();
    try {
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "wwid" -> wwid = words[1];
          case "lun" -> lun = Integer.parseInt(words[1]);
          case "portal" -> portals.add(new TargetPortal(words[1], words[2]));
          default -> throw new IllegalArgumentException(line);
        }
      }
      LunAddress checked = new LunAddress(portals, lun, wwid, null, null);
      return Optional.of(of(checked));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
