package dev.ramet.agent.runtime;

/** The numeric user and group that a program runs as. */
public record Identity(int uid, int gid) {
  /** The superuser. */
  public static final Identity ROOT = new Identity(0, 0);

  /** "uid:gid". */
  @Override
  public String toString() {
    return uid + ":" + gid;
  }
}
