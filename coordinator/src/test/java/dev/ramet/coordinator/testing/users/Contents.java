package dev.ramet.coordinator.testing.users;

import dev.ramet.client.Clone;

/** The data of clones, as whoever is connected sees them: a few words. */
public interface Contents {
  /** What the data of an image hold that nobody has written to. */
  String FRESH = "from the source";

  /** Fails where the clone's server does not answer. */
  String read(Clone clone) throws Exception;

  /** On failure the words may be written or not. */
  void write(Clone clone, String words) throws Exception;
}
