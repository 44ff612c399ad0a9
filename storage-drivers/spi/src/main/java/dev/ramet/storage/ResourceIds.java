package dev.ramet.storage;

import java.util.regex.Pattern;

/** The one grammar of volume and snapshot ids: safe as a file name on any system. */
final class ResourceIds {
  private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9.-]{0,126}");

  private ResourceIds() {}

  static String require(String id) {
    if (!GRAMMAR.matcher(id).matches() || id.contains("..")) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "'%s' is not an id: 1 to 127 of a-z, 0-9, '-' and '.', beginning with a letter or digit, without '..'"
              .formatted(id));
    }
    return id;
  }
}
