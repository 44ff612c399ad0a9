package dev.ramet.coordinator.names;

import java.util.random.RandomGenerator;

/** Uids tell one incarnation of a name from the next: 8 characters of a-z and 0-9. */
public final class Uids {
  static final String GRAMMAR = "[a-z0-9]{8}";
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LENGTH = 8;

  private Uids() {}

  public static String next(RandomGenerator random) {
    StringBuilder uid = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      uid.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return uid.toString();
  }
}
