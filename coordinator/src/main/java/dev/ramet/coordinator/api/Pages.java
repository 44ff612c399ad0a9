package dev.ramet.coordinator.api;

import com.google.protobuf.Message;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault.FieldFault;
import dev.ramet.coordinator.fault.FaultException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * Cuts lists into pages. A token says where the next page begins and is bound to the request that
 * it came from (all but the page's own size and token).
 */
final class Pages {
  private static final int DEFAULT_SIZE = 100;
  private static final int DIGEST_BYTES = 8;

  /** One page of a list, and the token of the next; empty: this was the last. */
  record Cut<T>(List<T> items, String nextToken) {}

  private Pages() {}

  /**
   * Takes one page.
   *
   * @param all in ascending order of their keys
   * @param request with page_size and page_token cleared
   */
  static <T> Cut<T> cut(
      List<T> all, Function<T, String> key, int pageSize, String token, Message request) {
    int size = pageSize == 0 ? DEFAULT_SIZE : pageSize;
    String after = token.isEmpty() ? "" : decode(token, request);
    List<T> rest =
        all.stream().filter(item -> key.apply(item).compareTo(after) > 0).limit(size + 1L).toList();
    if (rest.size() <= size) {
      return new Cut<>(rest, "");
    }
    List<T> page = rest.subList(0, size);
    return new Cut<>(page, encode(key.apply(page.getLast()), request));
  }

  private static String encode(String position, Message request) {
    byte[] text = position.getBytes(StandardCharsets.UTF_8);
    byte[] token = Arrays.copyOf(digest(request), DIGEST_BYTES + text.length);
    System.arraycopy(text, 0, token, DIGEST_BYTES, text.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  private static String decode(String token, Message request) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token);
      if (bytes.length > DIGEST_BYTES
          && Arrays.equals(Arrays.copyOf(bytes, DIGEST_BYTES), digest(request))) {
        return new String(bytes, DIGEST_BYTES, bytes.length - DIGEST_BYTES, StandardCharsets.UTF_8);
      }
    } catch (IllegalArgumentException notBase64) {
      // answered below
    }
    String problem = "is not the token of a page of this very request: begin without one";
    throw new FaultException(
        ErrorCode.INVALID_ARGUMENT
            .fault("page_token: " + problem)
            .withFields(List.of(new FieldFault("page_token", problem))));
  }

  private static byte[] digest(Message request) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(request.getDescriptorForType().getFullName().getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(sha.digest(request.toByteArray()), DIGEST_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
