package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.state.StateFile;
import java.io.IOException;

/**
 * The installation that this host belongs to: the one whose leader called first, also after a
 * restart of the agent. Another one knows none of what the host holds and would sweep it away. Safe
 * for concurrent use.
 */
public final class Installation {
  private final StateFile file;
  private String known;

  private Installation(StateFile file, String known) {
    this.file = file;
    this.known = known;
  }

  /**
   * Reads what was seen before.
   *
   * @throws IOException where the file cannot be read
   */
  public static Installation open(StateFile file) throws IOException {
    return new Installation(file, file.read().orElse(""));
  }

  /**
   * Lets a call pass.
   *
   * @throws AgentException {@code OTHER_INSTALLATION}, or {@code IO}
   */
  synchronized void pass(String id) {
    if (known.isEmpty()) {
      try {
        file.write(id);
      } catch (IOException e) {
        throw new AgentException(
            AgentError.IO, "the installation cannot be kept in %s: %s".formatted(file, e), e);
      }
      known = id;
    }
    if (!known.equals(id)) {
      throw new AgentException(
          AgentError.OTHER_INSTALLATION,
          "this host belongs to the installation %s, the call comes from %s: correct the agent's coordinators or the coordinator's etcd; to give the host and all that it holds to that one, remove %s and restart the agent"
              .formatted(known, id, file));
    }
  }
}
