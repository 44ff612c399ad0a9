package dev.ramet.agent.engine;

import java.util.List;

/**
 * Who uses a server.
 *
 * @param connections of clients, now; the agent's own are none
 * @param use a number that grows with what clients do, on any database: two equal readings mean
 *     that it was not used between them. It may begin anew with the server. What a client does that
 *     is still connected may be in it only later; {@link ClientConnection#lastQuery} tells at once
 * @param running clients' statements that run now
 */
public record Activity(List<ClientConnection> connections, long use, int running) {
  public Activity {
    connections = List.copyOf(connections);
  }
}
