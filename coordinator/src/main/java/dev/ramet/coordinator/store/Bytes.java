package dev.ramet.coordinator.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;

/** jetcd's byte sequences, to and from. */
final class Bytes {
  static final ByteSequence ROOT = of(Keys.ROOT);

  private Bytes() {}

  static ByteSequence of(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  static ByteSequence of(Key<?> key) {
    return of(key.path());
  }

  static ByteSequence of(Message message) {
    return ByteSequence.from(message.toByteString());
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  static ByteString protobuf(ByteSequence bytes) {
    return ByteString.copyFrom(bytes.getBytes());
  }
}
