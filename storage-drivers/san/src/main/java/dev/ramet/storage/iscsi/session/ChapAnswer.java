package dev.ramet.storage.iscsi.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ramet.storage.san.Chap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/** The answer to a target's challenge: MD5 of identifier, secret and challenge (RFC 1994). */
final class ChapAnswer {
  /** RFC 7143, section 12.1.3: the algorithm that all have to know. */
  static final String MD5 = "5";

  private ChapAnswer() {}

  /**
   * The keys to answer with.
   *
   * @param challenge the target's keys: CHAP_I, CHAP_C
   */
  static Map<String, String> to(Map<String, String> challenge, Chap chap) {
    String identifier = challenge.getOrDefault("CHAP_I", "0");
    String random = challenge.getOrDefault("CHAP_C", "0x");
    MessageDigest digest = md5();
    digest.update((byte) Integer.parseInt(identifier));
    digest.update(chap.secret().getBytes(UTF_8));
    String answer = HexFormat.of().formatHex(digest.digest(bytes(random)));
    return Map.of("CHAP_N", chap.user(), "CHAP_R", "0x" + answer);
  }

  /** RFC 7143, section 6.1: binary values are hexadecimal, "0x", or base 64, "0b". */
  private static byte[] bytes(String value) {
    String digits = value.substring(2);
    if (value.startsWith("0b") || value.startsWith("0B")) {
      return Base64.getDecoder().decode(digits);
    }
    return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
