package dev.ramet.coordinator.store;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.etcd.jetcd.KeyValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of one revision, by kind. Not safe for several threads: {@link EtcdInformer} guards
 * it.
 */
final class LiveView implements View {
  private final Map<Kind<?>, NavigableMap<String, Versioned<?>>> records = new HashMap<>();
  private final NavigableMap<String, UnreadableRecord> unreadable = new TreeMap<>();
  // keys that are no records and none of our business here: elections, the session
  private final Set<String> others = new HashSet<>();
  private long revision;

  LiveView() {
    Kind.all().forEach(kind -> records.put(kind, new TreeMap<>()));
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  @SuppressWarnings("unchecked") // a key's kind decides the type of its value
  public <T extends Message> Optional<Versioned<T>> get(Key<T> key) {
    return Optional.ofNullable((Versioned<T>) of(key.kind()).get(key.path()));
  }

  @Override
  public <T extends Message> List<Versioned<T>> list(Kind<T> kind) {
    return typed(of(kind).values());
  }

  @Override
  public <T extends Message> List<Versioned<T>> list(Kind<T> kind, String firstName) {
    String prefix = kind.prefix() + firstName + "/";
    return typed(of(kind).subMap(prefix, Keys.endOf(prefix)).values());
  }

  @Override
  public <T extends Message> Page<T> page(Kind<T> kind, int pageSize, String startAfter) {
    List<Versioned<?>> some = new ArrayList<>();
    for (Versioned<?> record : of(kind).tailMap(startAfter, false).values()) {
      if (some.size() == pageSize) {
        return new Page<>(typed(some), Optional.of(some.getLast().key().path()), revision);
      }
      some.add(record);
    }
    return new Page<>(typed(some), Optional.empty(), revision);
  }

  @Override
  public int count(Kind<?> kind) {
    return of(kind).size();
  }

  @Override
  public List<UnreadableRecord> unreadable() {
    return List.copyOf(unreadable.values());
  }

  /** How many keys there are in all, of whatever sort. */
  long keys() {
    long sum = (long) unreadable.size() + others.size();
    for (NavigableMap<?, ?> ofKind : records.values()) {
      sum += ofKind.size();
    }
    return sum;
  }

  Set<String> paths() {
    Set<String> paths = new HashSet<>(others);
    paths.addAll(unreadable.keySet());
    records.values().forEach(ofKind -> paths.addAll(ofKind.keySet()));
    return paths;
  }

  List<Change<?>> allAsChanges() {
    List<Change<?>> changes = new ArrayList<>();
    for (Kind<?> kind : Kind.all()) {
      of(kind)
          .values()
          .forEach(record -> changes.add(change(record.key(), null, record, revision)));
    }
    return changes;
  }

  void reach(long reached) {
    revision = reached;
  }

  private static boolean isNoRecord(String path) {
    return path.startsWith(Keys.ELECTIONS)
        || path.equals(Keys.SESSION)
        || path.equals(Keys.INSTALLATION);
  }

  /** Takes what etcd holds at a path; empty if nothing changes for readers of records. */
  Optional<Change<?>> put(String path, KeyValue pair, long seenAt) {
    Optional<Key<?>> key = Kind.keyOf(path);
    if (key.isEmpty() && isNoRecord(path)) {
      others.add(path);
      return Optional.empty();
    }
    if (key.isEmpty()) {
      return keepRaw(path, pair, "no record of this version has such a key", seenAt);
    }
    Versioned<?> before = of(key.get().kind()).get(path);
    if (before != null && before.modRevision() == pair.getModRevision()) {
      return Optional.empty();
    }
    try {
      Versioned<?> after = Records.parse(key.get(), pair);
      unreadable.remove(path);
      of(key.get().kind()).put(path, after);
      return Optional.of(change(key.get(), before, after, seenAt));
    } catch (InvalidProtocolBufferException e) {
      return keepRaw(path, pair, "it cannot be parsed: " + e.getMessage(), seenAt);
    }
  }

  /** Takes that nothing is at a path. */
  Optional<Change<?>> remove(String path, long seenAt) {
    others.remove(path);
    unreadable.remove(path);
    return Kind.keyOf(path).flatMap(key -> forget(key, seenAt));
  }

  private Optional<Change<?>> keepRaw(String path, KeyValue pair, String reason, long seenAt) {
    unreadable.put(
        path,
        new UnreadableRecord(path, Bytes.protobuf(pair.getValue()), pair.getModRevision(), reason));
    return Kind.keyOf(path).flatMap(key -> forget(key, seenAt));
  }

  private Optional<Change<?>> forget(Key<?> key, long seenAt) {
    Versioned<?> before = of(key.kind()).remove(key.path());
    return before == null ? Optional.empty() : Optional.of(change(key, before, null, seenAt));
  }

  private NavigableMap<String, Versioned<?>> of(Kind<?> kind) {
    return records.getOrDefault(kind, new TreeMap<>());
  }

  @SuppressWarnings("unchecked") // a key's kind decides the type of its value
  private static <T extends Message> Change<T> change(
      Key<T> key, @Nullable Versioned<?> before, @Nullable Versioned<?> after, long seenAt) {
    return new Change<>(key, (Versioned<T>) before, (Versioned<T>) after, seenAt);
  }

  @SuppressWarnings("unchecked") // each map holds the records of one kind
  private static <T extends Message> List<Versioned<T>> typed(Collection<Versioned<?>> records) {
    return (List<Versioned<T>>) (List<?>) List.copyOf(records);
  }
}
