package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.List;

/**
 * All records of one kind, at one revision.
 *
 * @param records in the order of their keys
 * @param unreadable paths where one of them lies and cannot be parsed, or something that this
 *     version does not know: it may mean anything
 */
public record AllRecords<T extends Message>(List<Versioned<T>> records, List<String> unreadable) {
  public AllRecords {
    records = List.copyOf(records);
    unreadable = List.copyOf(unreadable);
  }
}
