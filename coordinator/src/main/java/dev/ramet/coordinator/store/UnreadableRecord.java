package dev.ramet.coordinator.store;

import com.google.protobuf.ByteString;

/** Something below our root that is no record known to this version. */
public record UnreadableRecord(String path, ByteString bytes, long modRevision, String reason) {
  /** Without the bytes, which may hold secrets. */
  @Override
  public String toString() {
    return path + "@" + modRevision + ": " + reason;
  }
}
