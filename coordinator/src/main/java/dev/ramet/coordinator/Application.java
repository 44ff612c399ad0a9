package dev.ramet.coordinator;

import dev.ramet.coordinator.server.Coordinator;

/** The coordinator's program. */
public final class Application {
  private Application() {}

  public static void main(String[] args) {
    Coordinator.run(args);
  }
}
