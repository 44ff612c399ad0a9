package dev.ramet.storage.san;

/**
 * A name and a secret by which one end of an iSCSI session shows the other who it is (RFC 7143,
 * section 12.1). Never printed whole.
 *
 * @param user name
 * @param secret 12 to 16 characters: RFC 7143 wants 96 bits at least, and some targets take no more
 *     than 16
 */
public record Chap(String user, String secret) {
  private static final int SHORTEST = 12;
  private static final int LONGEST = 16;

  /** Refuses a secret of another length. */
  public Chap {
    if (user.isBlank() || secret.length() < SHORTEST || secret.length() > LONGEST) {
      throw new IllegalArgumentException(
          "CHAP needs a user and a secret of %d to %d characters".formatted(SHORTEST, LONGEST));
    }
  }

  @Override
  public String toString() {
    return user + ":***";
  }
}
