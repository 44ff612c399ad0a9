package dev.ramet.agent;

import dev.ramet.agent.storage.Pools;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a target leaves running and mounted on purpose. */
final class TargetMount {
  private TargetMount() {}

  static void release(Path dir) {
    Pools.installedDrivers().get("reflink").release(dir);
  }

  /** The daemon with this control port. */
  static Optional<ProcessHandle> daemon(String control) {
    return ProcessHandle.allProcesses()
        .filter(process -> {
          List<String> arguments = Arrays.asList(process.info().arguments().orElse(new String[0]));
          return process.info().command().orElse("").endsWith("tgtd")
              && arguments.contains(control);
        })
        .findAny();
  }
}
