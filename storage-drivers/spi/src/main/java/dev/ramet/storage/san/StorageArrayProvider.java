package dev.ramet.storage.san;

import java.util.List;
import java.util.Set;

/** Finds array drivers by name: {@link java.util.ServiceLoader} loads these. */
public interface StorageArrayProvider {

  /** The driver's name, as users give it: "linux-target". */
  String name();

  /** What arrays of this driver can do, for people who choose one. */
  Set<ArrayCapability> capabilities();

  /** Names of the secrets that it needs, as "api-token". */
  List<String> secrets();

  /**
   * Makes ready to speak to an array; nothing is asked of it yet.
   *
   * @throws dev.ramet.storage.StorageException {@code INVALID_ARGUMENT} naming the setting that
   *     cannot be used
   */
  StorageArray open(ArraySettings settings);
}
