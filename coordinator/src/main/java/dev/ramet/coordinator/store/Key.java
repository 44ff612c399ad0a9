package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.List;

/**
 * The place of one record. Made by {@link Keys}.
 *
 * @param kind what is stored there
 * @param path the whole key in etcd
 * @param <T> the stored message
 */
public record Key<T extends Message>(Kind<T> kind, String path) implements Comparable<Key<?>> {

  /**
   * The names in the path in order: {@code [image, revision]}, {@code [host, port]}, {@code
   * [clone]}.
   */
  public List<String> names() {
    return kind.namesIn(path);
  }

  /** The first name: that of the clone, image, host, operation. */
  public String name() {
    return names().getFirst();
  }

  @Override
  public int compareTo(Key<?> other) {
    return path.compareTo(other.path);
  }

  @Override
  public String toString() {
    return path;
  }
}
