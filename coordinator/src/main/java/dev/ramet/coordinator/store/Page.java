package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;

/**
 * Some records in the order of their keys.
 *
 * @param next where the next page begins: give it as {@code startAfter}; empty after the last page
 * @param revision of the store when this page was read
 */
public record Page<T extends Message>(
    List<Versioned<T>> records, Optional<String> next, long revision) {
  public Page {
    records = List.copyOf(records);
  }
}
