package dev.ramet.coordinator.names;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Id of something of ours on a host. Names hold no dot, so an id parses in one way only:
 *
 * <pre>
 *   clone.uid              a clone's volume and its instance
 *   clone.uid.r2           the same of its second, third, ... data: it was reset
 *   clone.uid.save         snapshot of a save
 *   image.number.uid       a revision's snapshot
 *   image.number.uid.build the volume a revision is built in
 * </pre>
 *
 * <p>The name in the id of a clone or save is the one that it had when that was made: who has it
 * now is said by the records, which name the ids that they want.
 */
public sealed interface HostId {
  /**
   * A clone's volume and instance.
   *
   * @param generation which data of this clone: 1 at first, one more with each reset
   */
  record OfClone(String name, String uid, int generation) implements HostId {
    public OfClone {
      if (generation < 1 || generation > MAX_GENERATION) {
        throw new IllegalArgumentException(
            "a generation is 1 to " + MAX_GENERATION + ", not " + generation);
      }
    }

    @Override
    public String text() {
      return name + "." + uid + (generation == 1 ? "" : ".r" + generation);
    }
  }

  /** A save's snapshot. */
  record OfSave(String name, String uid) implements HostId {
    @Override
    public String text() {
      return name + "." + uid + SAVE_SUFFIX;
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
  String SAVE_SUFFIX = ".save";

  /** Six digits: with one more, "r" and the number could be taken for a uid. */
  int MAX_GENERATION = 999_999;

  String text();

  /** The id, or empty where it is none of ours. */
  static Optional<HostId> parse(String text) {
    Matcher clone = Patterns.CLONE.matcher(text);
    if (clone.matches()) {
      String generation = clone.group("generation");
      return Optional.of(
          new OfClone(
              clone.group("name"),
              clone.group("uid"),
              generation == null ? 1 : Integer.parseInt(generation)));
    }
    Matcher save = Patterns.SAVE.matcher(text);
    if (save.matches()) {
      return Optional.of(new OfSave(save.group("name"), save.group("uid")));
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
    static final Pattern CLONE =
        Pattern.compile(NAME + "\\." + UID + "(\\.r(?<generation>[2-9]|[1-9][0-9]{1,5}))?");
    static final Pattern SAVE = Pattern.compile(NAME + "\\." + UID + "\\.save");
    static final Pattern REVISION =
        Pattern.compile(NAME + "\\.(?<number>[1-9][0-9]{0,11})\\." + UID + "(?<build>\\.build)?");

    private Patterns() {}
  }
}
