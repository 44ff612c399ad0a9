package dev.ramet.client;

/**
 * What users type to name an image or one revision of it: {@code app} or {@code app:7}.
 *
 * @param revision 0: the image itself, or its latest ready revision
 */
public record ImageReference(String name, long revision) {
  /**
   * Reads {@code name} or {@code name:revision}.
   *
   * @throws IllegalArgumentException with a message for the user, where the part after the colon is
   *     not a positive number. Whether the name is a good one is for the server to judge.
   */
  public static ImageReference parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      return new ImageReference(text, 0);
    }
    String digits = text.substring(colon + 1);
    if (!digits.matches("[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no image reference: after the colon goes a revision number, as in app:7");
    }
    return new ImageReference(text.substring(0, colon), Long.parseLong(digits));
  }

  public boolean isRevision() {
    return revision > 0;
  }

  @Override
  public String toString() {
    return isRevision() ? name + ":" + revision : name;
  }
}
