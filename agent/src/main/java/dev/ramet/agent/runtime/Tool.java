package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A program of an engine that works on a volume and ends.
 *
 * @param programs whose program
 * @param mount the volume it works on
 * @param command program's bare name and arguments; places as {@link InstanceRuntime#inside} tells
 * @param environment variables of its own; nothing secret
 * @param user what it runs as
 * @param files files and folders of the host that it sees besides the volume
 * @param readsAnyFile whether it may read them whoever owns them
 * @param output told of each line of standard output
 * @param errors told of each line of standard error
 */
public record Tool(
    Programs programs,
    VolumeMount mount,
    List<String> command,
    Map<String, String> environment,
    Identity user,
    List<Path> files,
    boolean readsAnyFile,
    Consumer<String> output,
    Consumer<String> errors) {
  public Tool {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    files = List.copyOf(files);
  }

  /** The program's bare name. */
  public String name() {
    return command.getFirst();
  }
}
