package dev.ramet.coordinator.fleet;

import java.util.List;

/**
 * Who uses an instance.
 *
 * @param connections of clients, now
 * @param transactions ended by clients since the server was started: two equal readings mean that
 *     it was not used between them
 * @param running clients' statements that run now
 */
public record InstanceActivity(List<ConnectionSeen> connections, long transactions, int running) {
  public InstanceActivity {
    connections = List.copyOf(connections);
  }
}
