package dev.ramet.agent.engine.postgres;

import java.util.List;
import java.util.Map;

/**
 * What a source server says of itself.
 *
 * @param version "15.4"
 * @param major 15
 * @param superuser name of the role it was born with
 * @param dataBytes of all its databases that the user may look at
 * @param settings that clones need
 * @param tablespaces its folders outside of PGDATA, by oid
 */
record SourceServer(
    String version,
    int major,
    String superuser,
    long dataBytes,
    Map<String, String> settings,
    Map<Long, String> tablespaces) {
  SourceServer {
    settings = Map.copyOf(settings);
    tablespaces = Map.copyOf(tablespaces);
  }

  /** Databases that are there to connect to first when the URL names none. */
  static final List<String> USUAL_DATABASES = List.of("postgres", "template1");
}
