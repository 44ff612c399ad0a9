package dev.ramet.coordinator.names;

/**
 * Names of warm clones, which nobody has claimed yet: '~' and the clone's uid. No user can ask for
 * one: it is no {@link DnsLabel}.
 */
public final class WarmName {
  private static final String MARK = "~";

  private WarmName() {}

  public static String of(String uid) {
    return MARK + uid;
  }

  /** The uid in such a name. */
  public static String uid(String name) {
    return name.substring(MARK.length());
  }

  public static boolean is(String name) {
    return name.startsWith(MARK);
  }
}
