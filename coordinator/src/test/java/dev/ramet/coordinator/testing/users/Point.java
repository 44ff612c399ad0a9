package dev.ramet.coordinator.testing.users;

import java.util.Set;

/**
 * Something that a clone can begin as.
 *
 * @param reference {@code app:1}, {@code c@s}
 * @param words one of these its data hold
 * @param image the image that the data come from, with {@code revision}
 */
record Point(String reference, Set<String> words, String image, long revision) {
  Point {
    words = Set.copyOf(words);
  }

  static Point revision(String image, long number, Set<String> words) {
    return new Point(image + ":" + number, words, image, number);
  }
}
