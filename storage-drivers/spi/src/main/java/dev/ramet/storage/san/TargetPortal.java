package dev.ramet.storage.san;

import java.util.regex.Pattern;

/**
 * A way to a target.
 *
 * @param address "10.0.0.5:3260", "[fd00::5]:3260"
 * @param iqn the target's name there (RFC 7143, section 4.2.7)
 */
public record TargetPortal(String address, String iqn) {
  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.-]+):[0-9]{1,5}");

  /** Refuses what is no address with a port, and no iSCSI name. */
  public TargetPortal {
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException("'%s' is not 'address:port'".formatted(address));
    }
    Initiator.requireIscsiName(iqn);
  }
}
