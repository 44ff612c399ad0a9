package dev.ramet.agent.error;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The agent could not do what it was asked. The message says what happened, to which thing, and
 * what to do next; it holds no secret.
 */
public final class AgentException extends RuntimeException {
  private final AgentError error;
  private final String message;
  private final List<String> logTail;
  private final Map<String, String> metadata;

  public AgentException(AgentError error, String message) {
    this(error, message, List.of(), Map.of(), null);
  }

  public AgentException(AgentError error, String message, @Nullable Throwable cause) {
    this(error, message, List.of(), Map.of(), cause);
  }

  /** With the last lines of the program that failed, oldest first. */
  public AgentException(AgentError error, String message, List<String> logTail) {
    this(error, message, logTail, Map.of(), null);
  }

  public AgentException(
      AgentError error,
      String message,
      List<String> logTail,
      Map<String, String> metadata,
      @Nullable Throwable cause) {
    super(message, cause);
    this.error = error;
    this.message = message;
    this.logTail = List.copyOf(logTail);
    this.metadata = Map.copyOf(metadata);
  }

  @Override
  public String getMessage() {
    return message;
  }

  /** Why. */
  public AgentError error() {
    return error;
  }

  /** Last lines of the program that failed, oldest first; often empty. */
  public List<String> logTail() {
    return logTail;
  }

  /** More about the thing, for machines: "port", "version" ... */
  public Map<String, String> metadata() {
    return metadata;
  }
}
