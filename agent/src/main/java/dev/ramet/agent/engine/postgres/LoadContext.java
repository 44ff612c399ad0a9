package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.ProgressListener;
import dev.ramet.agent.runtime.Identity;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.Programs;
import dev.ramet.agent.runtime.RunningTool;
import dev.ramet.agent.runtime.Tool;
import dev.ramet.agent.runtime.VolumeMount;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What all steps of one load share. */
record LoadContext(
    LoadRequest request,
    ProgressListener listener,
    InstanceRuntime runtime,
    Programs programs,
    VolumeMount mount,
    VolumeLayout layout,
    Identity owner) {

  /** How the tools see a place of the volume. */
  String inside(String relative) {
    return runtime.inside(mount, relative);
  }

  /** Starts a tool as the owner of the data. */
  RunningTool start(List<String> command, LineTail lines) throws InterruptedException {
    return runtime.start(tool(command, Map.of(), List.of(), false, lines, lines));
  }

  /** Runs a tool to its end as the owner of the data; ends it when interrupted. */
  int run(
      List<String> command,
      Map<String, String> environment,
      List<Path> files,
      Consumer<String> output,
      Consumer<String> errors)
      throws InterruptedException {
    return run(tool(command, environment, files, false, output, errors));
  }

  /** The same for one that reads files of the host, whoever owns them. */
  int runReading(
      List<Path> files,
      List<String> command,
      Map<String, String> environment,
      Consumer<String> output,
      Consumer<String> errors)
      throws InterruptedException {
    return run(tool(command, environment, files, !files.isEmpty(), output, errors));
  }

  private int run(Tool tool) throws InterruptedException {
    try (RunningTool running = runtime.start(tool)) {
      return running.await();
    }
  }

  private Tool tool(
      List<String> command,
      Map<String, String> environment,
      List<Path> files,
      boolean readsAnyFile,
      Consumer<String> output,
      Consumer<String> errors) {
    return new Tool(
        programs, mount, command, environment, owner, files, readsAnyFile, output, errors);
  }
}
