package dev.ramet.coordinator.store;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All keys at one revision.
 *
 * @param pairs in the order of their keys
 */
record Listing(List<KeyValue> pairs, long revision) {
  private static final int PAGE = 500;

  /** Reads page by page, all of them at the revision of the first. */
  static Listing read(Requests requests) {
    List<KeyValue> pairs = new ArrayList<>();
    ByteSequence end = Bytes.of(Keys.endOf(Keys.ROOT));
    ByteSequence from = Bytes.ROOT;
    long revision = 0;
    while (true) {
      ByteSequence start = from;
      GetOption option =
          GetOption.builder().withRange(end).withLimit(PAGE).withRevision(revision).build();
      GetResponse page = requests.read("list of all records", link -> link.kv().get(start, option));
      pairs.addAll(page.getKvs());
      revision = revision == 0 ? page.getHeader().getRevision() : revision;
      if (!page.isMore()) {
        return new Listing(List.copyOf(pairs), revision);
      }
      from = Bytes.of(Bytes.text(pairs.getLast().getKey()) + '\0');
    }
  }

  /** Makes the view what this listing says; returns the differences. */
  List<Change<?>> applyTo(LiveView view) {
    List<Change<?>> changes = new ArrayList<>();
    Set<String> gone = new HashSet<>(view.paths());
    for (KeyValue pair : pairs) {
      String path = Bytes.text(pair.getKey());
      gone.remove(path);
      view.put(path, pair, revision).ifPresent(changes::add);
    }
    for (String path : gone) {
      view.remove(path, revision).ifPresent(changes::add);
    }
    view.reach(revision);
    return changes;
  }
}
