package dev.ramet.coordinator.fleet;

import java.util.List;

/**
 * Who uses an instance.
 *
 * @param connections of clients, now
 * @param use a reading that grows with what clients do: two equal ones mean that it was not used
 *     between them; it may begin anew with the server
 * @param running clients' statements that run now
 */
public record InstanceActivity(List<ConnectionSeen> connections, long use, int running) {
  public InstanceActivity {
    connections = List.copyOf(connections);
  }
}
