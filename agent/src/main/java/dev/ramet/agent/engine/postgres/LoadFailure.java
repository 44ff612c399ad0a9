package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.ByteSize;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns what a tool of a load said into one clear line. */
final class LoadFailure {
  /** With less than this left, a pool counts as full. */
  private static final long HARDLY_ANYTHING = 64L << 20;

  private static final Pattern FULL =
      Pattern.compile("No space left on device|Disk quota exceeded|could not extend file");
  private static final Pattern TELLING = Pattern.compile("(?i)\\b(error|fatal|panic):\\s*(.*)");
  private static final Pattern DISK = Pattern.compile("Input/output error|Read-only file system");

  private LoadFailure() {}

  /** Of a tool that ended with this exit code. */
  static AgentException of(LoadContext context, String tool, int exitCode, List<String> lines) {
    if (isFull(context.request(), lines)) {
      return full(context.request(), lines);
    }
    String said =
        firstError(lines).orElse("it ended with exit code %d and said nothing".formatted(exitCode));
    return new AgentException(sorted(said), "%s failed: %s".formatted(tool, said), lines);
  }

  /** Any other failure; a full pool shows itself in many ways. */
  static AgentException explain(LoadRequest request, AgentException failure) {
    boolean byDisk =
        failure.error() == AgentError.LOAD_FAILED
            || failure.error() == AgentError.IO
            || failure.error() == AgentError.INSTANCE_DIED
            || failure.error() == AgentError.INSTANCE_NOT_READY;
    if (byDisk && isFull(request, List.of(failure.getMessage()))) {
      return full(request, failure.logTail());
    }
    return failure;
  }

  /** Refuses what cannot fit, before anything is written. */
  static void requireRoom(LoadRequest request, long bytes) {
    long free = free(request);
    if (bytes > free) {
      throw new AgentException(
          AgentError.POOL_FULL,
          "the source needs about %s, and pool '%s' has %s left for volume '%s': free some, or use another host"
              .formatted(new ByteSize(bytes), request.pool(), new ByteSize(free), request.volume()),
          List.of(),
          Map.of("needed", Long.toString(bytes), "free", Long.toString(free)),
          null);
    }
  }

  static Optional<String> firstError(List<String> lines) {
    for (String line : lines) {
      var matcher = TELLING.matcher(line);
      if (matcher.find() && !matcher.group(2).isBlank()) {
        return Optional.of(matcher.group(2).strip());
      }
    }
    return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast().strip());
  }

  private static AgentError sorted(String said) {
    if (said.contains("password authentication failed") || said.contains("no password supplied")) {
      return AgentError.SOURCE_AUTH_FAILED;
    }
    if (said.contains("pg_hba.conf")
        || said.contains("must be superuser or replication role")
        || said.contains("permission denied to start WAL sender")
        || said.contains("exceeds max_wal_senders")) {
      return AgentError.SOURCE_NOT_PERMITTED;
    }
    return said.contains("Connection refused") || said.contains("could not translate host name")
        ? AgentError.SOURCE_UNREACHABLE
        : AgentError.LOAD_FAILED;
  }

  private static boolean isFull(LoadRequest request, List<String> lines) {
    boolean saysSo = lines.stream().anyMatch(line -> FULL.matcher(line).find());
    boolean diskFault = lines.stream().anyMatch(line -> DISK.matcher(line).find());
    return saysSo || (diskFault && free(request) < HARDLY_ANYTHING);
  }

  private static AgentException full(LoadRequest request, List<String> lines) {
    return new AgentException(
        AgentError.POOL_FULL,
        "volume '%s' filled up while it was loaded (pool '%s' has %s left): free some, make the volume larger, or use another host"
            .formatted(
                request.volume(),
                request.pool(),
                new ByteSize(Math.max(0, request.poolFreeBytes().getAsLong()))),
        lines);
  }

  private static long free(LoadRequest request) {
    long ofVolume = request.root().toFile().getUsableSpace();
    return Math.min(Math.max(0, request.poolFreeBytes().getAsLong()), ofVolume);
  }
}
