package dev.ramet.coordinator.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.ramet.proto.store.v1.ArrayRecord;
import dev.ramet.proto.store.v1.ArraySecretRecord;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.store.v1.SecretRecord;
import dev.ramet.proto.v1.HostReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kind of record: where its keys lie and which message is stored there.
 *
 * @param <T> the stored message
 */
public final class Kind<T extends Message> {
  public static final Kind<ImageRecord> IMAGE =
      new Kind<>("image", "images/*", ImageRecord.getDefaultInstance());
  public static final Kind<RevisionRecord> REVISION =
      new Kind<>("revision", "images/*/revisions/*", RevisionRecord.getDefaultInstance());
  public static final Kind<CloneRecord> CLONE =
      new Kind<>("clone", "clones/*", CloneRecord.getDefaultInstance());

  /** The first name is the uid of the clone. */
  public static final Kind<SaveRecord> SAVE =
      new Kind<>("save", "saves/*/*", SaveRecord.getDefaultInstance());

  public static final Kind<HostRecord> HOST =
      new Kind<>("host", "hosts/*", HostRecord.getDefaultInstance());

  /** What a live host said last; the key is under a lease and gone when the host is silent. */
  public static final Kind<HostReport> HOST_ALIVE =
      new Kind<>("alive host", "hosts/*/alive", HostReport.getDefaultInstance());

  public static final Kind<PortRecord> PORT =
      new Kind<>("port", "ports/*/*", PortRecord.getDefaultInstance());
  public static final Kind<OperationRecord> OPERATION =
      new Kind<>("operation", "operations/*", OperationRecord.getDefaultInstance());
  public static final Kind<SecretRecord> SECRET =
      new Kind<>("secret", "secrets/*", SecretRecord.getDefaultInstance());

  public static final Kind<ArrayRecord> ARRAY =
      new Kind<>("array", "arrays/*", ArrayRecord.getDefaultInstance());
  public static final Kind<ArraySecretRecord> ARRAY_SECRET =
      new Kind<>("array's secret", "array-secrets/*", ArraySecretRecord.getDefaultInstance());

  private static final List<Kind<?>> ALL =
      List.of(
          IMAGE,
          REVISION,
          CLONE,
          SAVE,
          HOST,
          HOST_ALIVE,
          PORT,
          OPERATION,
          SECRET,
          ARRAY,
          ARRAY_SECRET);

  private final String name;
  private final List<String> segments;
  private final T prototype;

  private Kind(String name, String template, T prototype) {
    this.name = name;
    this.segments = List.of(template.split("/"));
    this.prototype = prototype;
  }

  /** All kinds; every key below {@link Keys#ROOT} but those of elections belongs to one of them. */
  public static List<Kind<?>> all() {
    return ALL;
  }

  /** The typed key of a path, or empty where no kind keeps its records there. */
  static Optional<Key<?>> keyOf(String path) {
    if (!path.startsWith(Keys.ROOT)) {
      return Optional.empty();
    }
    List<String> parts = List.of(path.substring(Keys.ROOT.length()).split("/", -1));
    for (Kind<?> kind : ALL) {
      if (kind.matches(parts)) {
        return Optional.of(new Key<>(kind, path));
      }
    }
    return Optional.empty();
  }

  /** The key with these names in the places that the kind leaves open. */
  Key<T> key(String... names) {
    StringBuilder path = new StringBuilder(Keys.ROOT);
    int next = 0;
    for (int i = 0; i < segments.size(); i++) {
      path.append(i == 0 ? "" : "/");
      path.append(isOpen(i) ? names[next++] : segments.get(i));
    }
    if (next != names.length) {
      throw new IllegalArgumentException("a key of kind " + name + " takes " + next + " names");
    }
    return new Key<>(this, path.toString());
  }

  /** What all paths of this kind begin with. */
  String prefix() {
    return Keys.ROOT + segments.getFirst() + "/";
  }

  List<String> namesIn(String path) {
    List<String> parts = List.of(path.substring(Keys.ROOT.length()).split("/", -1));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      if (isOpen(i)) {
        names.add(parts.get(i));
      }
    }
    return List.copyOf(names);
  }

  @SuppressWarnings("unchecked") // a message's parser makes messages of its own type
  T parse(ByteString bytes) throws InvalidProtocolBufferException {
    return (T) prototype.getParserForType().parseFrom(bytes);
  }

  boolean holds(String path) {
    return path.startsWith(Keys.ROOT)
        && matches(List.of(path.substring(Keys.ROOT.length()).split("/", -1)));
  }

  private boolean matches(List<String> parts) {
    if (parts.size() != segments.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      boolean fits = isOpen(i) ? !parts.get(i).isEmpty() : segments.get(i).equals(parts.get(i));
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private boolean isOpen(int segment) {
    return segments.get(segment).equals("*");
  }

  /** The word for it in messages: "clone", "revision". */
  @Override
  public String toString() {
    return name;
  }
}
