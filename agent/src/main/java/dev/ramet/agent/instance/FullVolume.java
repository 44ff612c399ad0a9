package dev.ramet.agent.instance;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** No room on a volume shows itself in many ways: when we write, and in a server's last words. */
final class FullVolume {
  private static final Pattern FULL =
      Pattern.compile("No space left on device|Disk quota exceeded");

  private FullVolume() {}

  /** The failure, or in its place that there is no room, where that is behind it. */
  static AgentException explain(InstanceSpec spec, AgentException failure) {
    boolean byDisk =
        switch (failure.error()) {
          case IO, INSTANCE_DIED, INSTANCE_NOT_READY, INTERNAL -> true;
          default -> false;
        };
    boolean saysSo =
        Stream.concat(Stream.of(failure.getMessage()), failure.logTail().stream())
            .anyMatch(line -> FULL.matcher(line).find());
    if (!byDisk || !saysSo) {
      return failure;
    }
    return new AgentException(
        AgentError.POOL_FULL,
        "instance '%s' has no room: pool '%s' is full, or volume '%s' has reached its limit; free some of the pool, or give more"
            .formatted(spec.id(), spec.pool(), spec.volume()),
        failure.logTail(),
        Map.of(),
        failure);
  }
}
