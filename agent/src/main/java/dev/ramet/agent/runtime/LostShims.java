package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.ProcessTable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an engine that was killed in the midst of a start does not know any more: the container's
 * shim, and a {@code runc init} that waits for ever for its start, with the volume mounted. Neither
 * a restarted engine nor the removal of the container ends them. A shim names its container: {@code
 * containerd-shim-runc-v2 -namespace moby -id ID} (core/runtime/v2/README.md of containerd).
 */
final class LostShims {
  private static final Logger log = LoggerFactory.getLogger(LostShims.class);
  private static final String SHIM = "containerd-shim";

  private LostShims() {}

  /** Kills all that is left of a container that Docker says does not run. */
  static void end(String container) {
    List<Long> shims =
        ProcessHandle.allProcesses()
            .filter(process -> isShim(process.info(), container))
            .map(ProcessHandle::pid)
            .toList();
    for (long shim : shims) {
      log.atWarn()
          .addKeyValue("container", container)
          .addKeyValue("pid", shim)
          .log("Docker forgot a container that it was starting; its processes are killed");
      try {
        ProcessTable.killTree(shim);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static boolean isShim(ProcessHandle.Info process, String container) {
    List<String> arguments = Arrays.asList(process.arguments().orElse(new String[0]));
    return Collections.indexOfSubList(arguments, List.of("-id", container)) >= 0
        && process.command().map(command -> command.contains("/" + SHIM)).orElse(false);
  }
}
