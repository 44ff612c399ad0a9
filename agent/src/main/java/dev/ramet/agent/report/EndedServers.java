package dev.ramet.agent.report;

import dev.ramet.proto.v1.EndedInstance;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest servers that ended by themselves, for the host's report. Thread-safe. */
public final class EndedServers {
  /** More at once are seen when everything is looked at again. */
  private static final int KEPT = 50;

  private final Deque<EndedInstance> latest = new ArrayDeque<>();
  private long count;

  public synchronized void add(String id) {
    latest.removeIf(before -> before.getId().equals(id));
    latest.addLast(EndedInstance.newBuilder().setId(id).setNumber(++count).build());
    if (latest.size() > KEPT) {
      latest.removeFirst();
    }
  }

  synchronized List<EndedInstance> latest() {
    return List.copyOf(latest);
  }
}
