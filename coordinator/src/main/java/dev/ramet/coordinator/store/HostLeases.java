package dev.ramet.coordinator.store;

import dev.ramet.proto.v1.HostReport;

/**
 * Keeps {@code hosts/{name}/alive} while a host reports. The key goes by itself when the reports
 * stop, whichever coordinator took them: any of them may take the next report of a host.
 */
public interface HostLeases {
  /**
   * Takes a report of a host: the key stays for another time-to-live.
   *
   * @param publish the report differs from the last in a way that others should see; else only the
   *     lease is renewed, which writes nothing
   */
  Renewal renew(String host, HostReport report, boolean publish);

  /** The host says goodbye: the key goes at once. OK when it is not there. */
  void release(String host);

  /**
   * What a renewal did.
   *
   * @param appeared the host was not alive before
   * @param published the report was written
   */
  record Renewal(boolean appeared, boolean published) {}
}
