package dev.ramet.storage.iscsi;

import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session of the kernel's initiator, as {@code iscsiadm -m session} lists it.
 *
 * @param number of the session: "session7" in sysfs
 * @param address portal, "10.0.0.5:3260"
 * @param iqn target
 */
record IscsiSession(int number, String address, String iqn) {
  /** {@code tcp: [7] 10.0.0.5:3260,1 iqn.2010-06.com.example:array (non-flash)}. */
  private static final Pattern LINE =
      Pattern.compile("\\S+: \\[([0-9]+)] (\\S+),-?[0-9]+ (\\S+)( .*)?");

  /** Those that are listed; other lines do not matter. */
  static List<IscsiSession> parse(String output) {
    List<IscsiSession> sessions = new ArrayList<>();
    for (String line : output.lines().toList()) {
      Matcher matcher = LINE.matcher(line.strip());
      if (matcher.matches()) {
        sessions.add(
            new IscsiSession(
                Integer.parseInt(matcher.group(1)), matcher.group(2), matcher.group(3)));
      }
    }
    return sessions;
  }

  /** Whether it is with the portal's target, by that portal; names of hosts are looked up. */
  boolean isWith(TargetPortal portal) throws IOException {
    return iqn.equals(portal.iqn()) && resolve(address).equals(resolve(portal.address()));
  }

  private static InetSocketAddress resolve(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.getByName(address.substring(0, colon)),
        Integer.parseInt(address.substring(colon + 1)));
  }
}
