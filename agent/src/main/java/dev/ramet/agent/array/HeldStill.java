package dev.ramet.agent.array;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.ProcessTable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Processes that have some files open, held still (SIGSTOP) so that the files are of one instant:
 * what was acknowledged to anybody before is in them all, and nothing of what comes after is in
 * any.
 *
 * <p>A guard process lets them go on after some seconds, so that the death of the agent leaves
 * nobody frozen. What runs in the kernel (loop devices, LIO) is not held: files that it writes to
 * are each of one instant, not together.
 */
final class HeldStill implements AutoCloseable {
  private static final int GUARD_SECONDS = 3;

  private final List<Long> processes;
  private final Optional<Process> guard;

  private HeldStill(List<Long> processes) {
    this.processes = processes;
    String pids =
        processes.stream()
            .flatMap(HeldStill::withDescendants)
            .map(String::valueOf)
            .collect(Collectors.joining(" "));
    String command = "sleep %d; kill -CONT %s".formatted(GUARD_SECONDS, pids);
    this.guard =
        processes.isEmpty()
            ? Optional.empty()
            : Optional.of(
                Commands.start(new Command(List.of("setsid", "sh", "-c", command), Map.of())));
  }

  private static Stream<Long> withDescendants(long pid) {
    return Stream.concat(
        Stream.of(pid),
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid));
  }

  /**
   * @throws AgentException {@link AgentError#IO} where one cannot be held
   */
  static HeldStill usersOf(Set<Path> files) throws InterruptedException {
    Set<Path> real = new HashSet<>();
    try {
      for (Path file : files) {
        real.add(file.toRealPath());
      }
    } catch (IOException e) {
      throw new AgentException(AgentError.NOT_FOUND, "a source is gone: " + e.getMessage(), e);
    }
    long self = ProcessHandle.current().pid();
    List<Long> users =
        ProcessTable.find(pid -> pid != self && !ProcessTable.isStopped(pid) && uses(pid, real));
    HeldStill held = new HeldStill(new ArrayList<>(users));
    boolean all = false;
    try {
      for (long pid : users) {
        if (!ProcessTable.stopTree(pid)) {
          throw new AgentException(
              AgentError.IO,
              "process %d has a source open and does not stand still".formatted(pid));
        }
      }
      all = true;
    } finally {
      if (!all) {
        held.close();
      }
    }
    return held;
  }

  private static boolean uses(long pid, Set<Path> files) {
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : open) {
        if (leadsTo(descriptor).filter(files::contains).isPresent()) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return false; // it ended meanwhile
    }
    return false;
  }

  private static Optional<Path> leadsTo(Path descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor));
    } catch (IOException e) {
      return Optional.empty(); // closed meanwhile; the others are looked at all the same
    }
  }

  /** Whether they have been still all the time. */
  boolean stillAre() {
    return guard.map(Process::isAlive).orElse(true)
        && processes.stream().allMatch(ProcessTable::isStopped);
  }

  /** They go on. */
  @Override
  public void close() {
    processes.forEach(ProcessTable::continueTree);
    guard.ifPresent(process -> {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    });
  }
}
