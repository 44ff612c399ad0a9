package dev.ramet.storage.san;

import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Which array, and how it is spoken to. Never printed with its secrets.
 *
 * @param name what it is called with us
 * @param endpoint where its API is, as its driver reads it
 * @param options further settings, by the driver's own names
 * @param secrets tokens and keys, by the driver's own names
 * @param installation id of our installation, by which the driver marks what is ours
 * @param epoch grows with each coordinator that leads: an array that can refuse older ones does
 */
public record ArraySettings(
    String name,
    String endpoint,
    Map<String, String> options,
    Map<String, String> secrets,
    String installation,
    LongSupplier epoch) {
  /** Copies the maps. */
  public ArraySettings {
    options = Map.copyOf(options);
    secrets = Map.copyOf(secrets);
  }

  @Override
  public String toString() {
    return "%s at %s %s, secrets %s".formatted(name, endpoint, options, secrets.keySet());
  }
}
