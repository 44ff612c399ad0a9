package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;

/** All records as they were at one revision, in memory. Reading costs no round trip. */
public interface View {
  /** The store's revision that this view has reached. */
  long revision();

  <T extends Message> Optional<Versioned<T>> get(Key<T> key);

  /** All records of one kind in the order of their keys. */
  <T extends Message> List<Versioned<T>> list(Kind<T> kind);

  /** Those whose first name is this one: the revisions of an image, the ports of a host. */
  <T extends Message> List<Versioned<T>> list(Kind<T> kind, String firstName);

  /**
   * Some records of one kind.
   *
   * @param startAfter {@link Page#next} of the page before, or "" for the first
   */
  <T extends Message> Page<T> page(Kind<T> kind, int pageSize, String startAfter);

  int count(Kind<?> kind);

  /** What lies below our root and is no record that can be read. It is never changed or removed. */
  List<UnreadableRecord> unreadable();
}
