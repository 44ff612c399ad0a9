package dev.ramet.client;

import java.util.List;

/**
 * Hosts against records.
 *
 * @param unreadableRecords keys of records that the coordinator cannot read
 */
public record HostsCheck(List<HostCheck> hosts, List<String> unreadableRecords) {
  public HostsCheck {
    hosts = List.copyOf(hosts);
    unreadableRecords = List.copyOf(unreadableRecords);
  }

  public boolean agrees() {
    return unreadableRecords.isEmpty() && hosts.stream().allMatch(HostCheck::agrees);
  }
}
