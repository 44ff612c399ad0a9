package dev.ramet.storage.iscsi.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;

/** Keys and values of a login (RFC 7143, section 6.1): "key=value" with a NUL behind each. */
final class TextKeys {
  private TextKeys() {}

  static byte[] encode(Map<String, String> keys) {
    StringBuilder text = new StringBuilder();
    keys.forEach((key, value) -> text.append(key).append('=').append(value).append('\0'));
    return text.toString().getBytes(UTF_8);
  }

  static Map<String, String> decode(byte[] data) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String pair : new String(data, UTF_8).split("\0", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        keys.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return keys;
  }
}
