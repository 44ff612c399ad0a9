package dev.ramet.agent.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** The directory of the agent's own files, held by one agent at a time. */
public final class StateDir implements AutoCloseable {
  private final Path dir;
  private final FileChannel lock;

  private StateDir(Path dir, FileChannel lock) {
    this.dir = dir;
    this.lock = lock;
  }

  /**
   * Takes the directory for this process, making it where it is missing. The kernel gives it back
   * when the process ends, however it ends.
   *
   * @throws IOException where it cannot be used, or another agent has it
   */
  public static StateDir open(Path dir) throws IOException {
    Files.createDirectories(dir);
    Path file = dir.resolve("lock");
    FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!locked(lock)) {
      lock.close();
      throw new IOException(
          "another agent uses the state directory %s: stop it, or set state.dir to another one"
              .formatted(dir));
    }
    return new StateDir(dir, lock);
  }

  /** The file of this name in it. */
  public StateFile file(String name) {
    return new StateFile(dir.resolve(name));
  }

  /** The agent's id: made once for the directory, so that a restarted agent is the same one. */
  public String agentId() throws IOException {
    StateFile file = file("agent-id");
    String known = file.read().orElse("");
    if (!known.isEmpty()) {
      return known;
    }
    String made = UUID.randomUUID().toString();
    file.write(made);
    return made;
  }

  /** Gives it back. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static boolean locked(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // held by this very process
      return false;
    }
  }
}
