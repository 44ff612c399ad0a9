package dev.ramet.coordinator.names;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Id of something of ours on a host. Names hold no dot, so an id parses in one way only:
 *
 * <pre>
 *   clone.uid              a clone's volume and its instance
 *   image.number.uid       a revision's snapshot
 *   image.number.uid.build the volume a revision is built in
 * </pre>
 */
public sealed interface HostId {
  /** A clone's volume and instance. */
  record OfClone(String name, String uid) implements HostId {
    @Override
    public String text() {
      return name + "." + uid;
    }
  }

  /** A revision's snapshot. */
  record OfSnapshot(String image, long number, String uid) implements HostId {
    @Override
    public String text() {
      return image + "." + number + "." + uid;
    }
  }

  /** The volume that a revision is built in. */
  record OfBuild(String image, long number, String uid) implements HostId {
    @Override
    public String text() {
      return image + "." + number + "." + uid + BUILD_SUFFIX;
    }
  }

  String BUILD_SUFFIX = ".build";

  String text();

  /** The id, or empty where it is none of ours. */
  static Optional<HostId> parse(String text) {
    Matcher clone = Patterns.CLONE.matcher(text);
    if (clone.matches()) {
      return Optional.of(new OfClone(clone.group("name"), clone.group("uid")));
    }
    Matcher revision = Patterns.REVISION.matcher(text);
    if (!revision.matches()) {
      return Optional.empty();
    }
    String image = revision.group("name");
    long number = Long.parseLong(revision.group("number"));
    String uid = revision.group("uid");
    return Optional.of(
        revision.group("build") == null
            ? new OfSnapshot(image, number, uid)
            : new OfBuild(image, number, uid));
  }

  /** Holder of the patterns; an interface has no private constants. */
  final class Patterns {
    private static final String NAME = "(?<name>" + DnsLabel.GRAMMAR + ")";
    private static final String UID = "(?<uid>" + Uids.GRAMMAR + ")";
    static final Pattern CLONE = Pattern.compile(NAME + "\\." + UID);
    static final Pattern REVISION =
        Pattern.compile(NAME + "\\.(?<number>[1-9][0-9]{0,11})\\." + UID + "(?<build>\\.build)?");

    private Patterns() {}
  }
}
