package dev.ramet.storage.iscsi.session;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names of a logical unit, by the page 0x83 of its vital product data (SPC-4, 7.8.6): kind of
 * device, page, length, then designators of four bytes and their name.
 */
public final class DeviceIdentification {
  static final int PAGE = 0x83;
  private static final int HEADER = 4;
  private static final int ASSOCIATION = 0x30;
  private static final int TYPE = 0x0f;
  private static final int NAA = 3;

  private DeviceIdentification() {}

  /** Whether the answer is about a LUN that is there (peripheral qualifier, SPC-4, 6.6.2). */
  static boolean connected(byte[] answer) {
    return answer.length >= HEADER && (answer[0] & 0xe0) == 0;
  }

  /** Its names of the kind NAA, as "naa.6...". */
  public static Set<String> names(byte[] page) {
    Set<String> names = new TreeSet<>();
    if (page.length < HEADER || (page[1] & 0xff) != PAGE) {
      return names;
    }
    int end = Math.min(page.length, HEADER + (((page[2] & 0xff) << 8) | (page[3] & 0xff)));
    for (int at = HEADER; at + HEADER <= end; ) {
      int kind = page[at + 1];
      int next = at + HEADER + (page[at + 3] & 0xff);
      if ((kind & TYPE) == NAA && (kind & ASSOCIATION) == 0 && next <= end) {
        byte[] name = Arrays.copyOfRange(page, at + HEADER, next);
        names.add("naa." + HexFormat.of().formatHex(name));
      }
      at = next;
    }
    return names;
  }
}
