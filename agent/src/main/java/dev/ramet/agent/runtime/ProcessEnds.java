package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.ProcessTable;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** The main processes that should run, so that one that has ended is noticed. Thread-safe. */
final class ProcessEnds {
  private final Map<String, Running> expected = new ConcurrentHashMap<>();

  /** A process, told from a later one of the same number by its start. */
  private record Running(long pid, long startTicks) {
    boolean lives() {
      return ProcessTable.startTicks(pid).equals(OptionalLong.of(startTicks));
    }
  }

  void expect(ProcessRecord started) {
    expected.put(started.id(), new Running(started.pid(), started.startTicks()));
  }

  /** Whatever becomes of it is known to whoever asks for it. */
  void forget(String id) {
    expected.remove(id);
  }

  /** Those that have ended, each once. */
  List<String> take() {
    return expected.entrySet().stream()
        .filter(one -> !one.getValue().lives())
        .filter(one -> expected.remove(one.getKey(), one.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
