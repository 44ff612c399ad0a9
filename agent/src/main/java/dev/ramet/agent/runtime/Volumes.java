package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The attached volumes of this host, as the kernel's mount table has them. Safe for many threads.
 */
public interface Volumes {
  /** Where the volume is mounted; empty: it is not attached or does not exist. Cheap. */
  Optional<Path> mountOf(String pool, String volume);

  /** Every attached volume of every pool of this agent. */
  List<AttachedVolume> attached();
}
