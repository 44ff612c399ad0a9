package dev.ramet.coordinator.fleet;

import java.time.Duration;

/**
 * How long each kind of call may take.
 *
 * @param look reading only
 * @param storage volumes and snapshots: work that does not grow with the data
 * @param start until an instance answers a query
 * @param stop a clean shutdown and what follows
 * @param probe looking at a source
 */
public record Deadlines(
    Duration look, Duration storage, Duration start, Duration stop, Duration probe) {
  public static final Deadlines DEFAULT =
      new Deadlines(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(120),
          Duration.ofSeconds(60),
          Duration.ofSeconds(20));

  Deadlines withLook(Duration other) {
    return new Deadlines(other, storage, start, stop, probe);
  }
}
