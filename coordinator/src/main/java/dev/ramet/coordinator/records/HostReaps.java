package dev.ramet.coordinator.records;

import com.google.protobuf.Timestamp;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.OrphanSeen;
import dev.ramet.proto.v1.Reap;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a host's record says of things on it that no record wants, and how that changes. */
public final class HostReaps {
  /** More are removed too, but not recorded: a record has its size. */
  private static final int MAX_RECORDED = 500;

  private HostReaps() {}

  /** Since when they are known. */
  public static Map<String, Timestamp> since(HostRecord host) {
    Map<String, Timestamp> since = new HashMap<>();
    host.getOrphansList().forEach(orphan -> since.put(orphan.getId(), orphan.getSince()));
    return since;
  }

  /** With these orphans; one that was recorded keeps its time: another leader saw it before. */
  public static HostRecord withOrphans(HostRecord host, Map<String, Instant> known) {
    Map<String, Timestamp> before = since(host);
    Set<String> ids = new TreeMap<>(known).keySet();
    HostRecord.Builder next = host.toBuilder().clearOrphans();
    ids.stream()
        .limit(MAX_RECORDED)
        .forEach(id ->
            next.addOrphans(
                OrphanSeen.newBuilder()
                    .setId(id)
                    .setSince(
                        before.getOrDefault(
                            id, Times.message(known.getOrDefault(id, Instant.EPOCH))))));
    return next.build();
  }

  /** With the wish of that time gone, and its outcome; unchanged where another one came since. */
  public static HostRecord carriedOut(HostRecord host, Timestamp wish, Reap.Builder outcome) {
    if (!host.hasReapTime() || !host.getReapTime().equals(wish)) {
      return host;
    }
    return host.toBuilder().clearReapTime().setLastReap(outcome.setRequestTime(wish)).build();
  }

  /** The wish of that time, or a later one, is carried out. */
  public static boolean isCarriedOut(HostRecord host, Timestamp wish) {
    Instant last = Times.instant(host.getLastReap().getRequestTime());
    return host.hasLastReap() && !last.isBefore(Times.instant(wish));
  }
}
