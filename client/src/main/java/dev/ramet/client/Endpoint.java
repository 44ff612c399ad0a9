package dev.ramet.client;

/** Where a clone's database listens. */
public record Endpoint(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
