package dev.ramet.coordinator.testing.users;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that a clone can begin as: a revision or a save. Another save of the same name, after
 * the first was deleted, is another point.
 */
final class Point {
  private final @Nullable ModelClone owner;
  private final String name;
  private final Set<String> words;
  private final String image;
  private final long revision;

  private Point(
      @Nullable ModelClone owner, String name, Set<String> words, String image, long revision) {
    this.owner = owner;
    this.name = name;
    this.words = Set.copyOf(words);
    this.image = image;
    this.revision = revision;
  }

  static Point revision(String image, long number, Set<String> words) {
    return new Point(null, image + ":" + number, words, image, number);
  }

  /** Of a clone as it is. */
  static Point save(ModelClone owner, String name) {
    return new Point(owner, name, owner.words, owner.image, owner.revision);
  }

  /** What it is called now: {@code app:1}, {@code c@s}. */
  String reference() {
    return owner == null ? name : owner.reference(name);
  }

  /** It is of this clone, which has it still. */
  boolean isSaveOf(ModelClone clone) {
    return owner == clone && clone.saves.get(name) == this;
  }

  /** One of these its data hold. */
  Set<String> words() {
    return words;
  }

  /** The image that the data come from, with {@link #revision}. */
  String image() {
    return image;
  }

  long revision() {
    return revision;
  }
}
