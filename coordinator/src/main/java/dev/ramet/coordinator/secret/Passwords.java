package dev.ramet.coordinator.secret;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes passwords: 144 random bits in 24 characters that need no escaping in a URL. */
public final class Passwords {
  private static final int BYTES = 18;

  private final SecureRandom random = new SecureRandom();

  public Secret next() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
