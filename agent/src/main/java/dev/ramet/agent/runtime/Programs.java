package dev.ramet.agent.runtime;

/**
 * The programs of one engine version.
 *
 * @param engine "postgres"
 * @param version major version, "15"
 */
public record Programs(String engine, String version) {
  @Override
  public String toString() {
    return engine + ":" + version;
  }
}
