package dev.ramet.agent.engine;

import java.util.List;

/**
 * What a load made.
 *
 * @param engineVersion major version
 * @param database that clones' URLs lead to
 * @param databases all that can be connected to, templates left out
 * @param dataBytes size of the data on disk
 */
public record LoadResult(
    String engineVersion, String database, List<String> databases, long dataBytes) {
  public LoadResult {
    databases = List.copyOf(databases);
  }
}
