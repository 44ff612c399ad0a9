package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.state.StateFile;
import java.io.IOException;

/**
 * The greatest election revision that a call carried. Whoever was deposed carries a smaller one and
 * is refused, also after a restart of the agent. Safe for concurrent use.
 */
public final class Fence {
  private final StateFile file;
  private long greatest;

  private Fence(StateFile file, long greatest) {
    this.file = file;
    this.greatest = greatest;
  }

  /**
   * Reads what was seen before.
   *
   * @throws IOException where the file cannot be read, or does not hold a number
   */
  public static Fence open(StateFile file) throws IOException {
    String text = file.read().orElse("0");
    try {
      return new Fence(file, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IOException(
          "%s holds '%s', not a number; remove it if no old coordinator can be alive"
              .formatted(file, text),
          e);
    }
  }

  /**
   * Lets a call pass. Writes the file only when the number grows.
   *
   * @throws AgentException {@code STALE_FENCE}, or {@code IO}
   */
  synchronized void pass(long fence) {
    if (fence < greatest) {
      throw new AgentException(
          AgentError.STALE_FENCE,
          "the call's fence is %d, but a coordinator with %d leads by now"
              .formatted(fence, greatest));
    }
    if (fence > greatest) {
      try {
        file.write(Long.toString(fence));
      } catch (IOException e) {
        throw new AgentException(
            AgentError.IO, "the fence cannot be kept in %s: %s".formatted(file, e), e);
      }
      greatest = fence;
    }
  }
}
