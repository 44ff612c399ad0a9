package dev.ramet.agent.engine;

/**
 * Where data comes from: a server's URL, with its password in it; an absolute path on this host; or
 * "volume:" for a data directory that lies in the volume itself, "volume:15/main" where its folder
 * is to be told. Never shown whole.
 */
public record Source(String location) {
  private static final String VOLUME = "volume:";

  /** Whether the volume to load holds the data already: it may then be a clone. */
  public boolean isInVolume() {
    return location.startsWith(VOLUME);
  }

  /** Folder of the data, relative to the volume's root, as it was told; empty: to be found. */
  public String folderInVolume() {
    return location.substring(VOLUME.length());
  }

  @Override
  public String toString() {
    return "***";
  }
}
