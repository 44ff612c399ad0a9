package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What PostgreSQL keeps of a password ({@code pg_authid.rolpassword}, RFC 5802 and 7677), computed
 * here so that the password itself never reaches the server or its log.
 */
final class ScramVerifier {
  private static final int ITERATIONS = 4096;
  private static final int SALT_BYTES = 16;
  private static final int KEY_BITS = 256;

  private ScramVerifier() {}

  /** With a new random salt. */
  static String of(Secret password) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return of(password, salt);
  }

  static String of(Secret password, byte[] salt) {
    // SASLprep's visible part; PostgreSQL, too, falls back to the raw string where it cannot apply.
    String prepared = Normalizer.normalize(password.value(), Normalizer.Form.NFKC);
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(prepared.toCharArray(), salt, ITERATIONS, KEY_BITS))
              .getEncoded();
      byte[] stored = MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
      byte[] server = hmac(salted, "Server Key");
      Base64.Encoder base64 = Base64.getEncoder();
      return "SCRAM-SHA-256$%d:%s$%s:%s"
          .formatted(
              ITERATIONS,
              base64.encodeToString(salt),
              base64.encodeToString(stored),
              base64.encodeToString(server));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
  }
}
