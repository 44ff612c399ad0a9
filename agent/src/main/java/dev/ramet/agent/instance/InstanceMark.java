package dev.ramet.agent.instance;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.AttachedVolume;
import dev.ramet.agent.runtime.Server;
import dev.ramet.agent.runtime.Volumes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file in an instance's volume: which runtime was told to run it, and, once its start came
 * to its end, the handle of what was started. It tells a start that was cut short from a whole one,
 * and which runtime must answer before the instance can be said to be gone.
 */
final class InstanceMark {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceMark.class);
  private static final String PLACE = "ramet/instance";

  private final Path file;
  private final String id;
  private final String runtime;

  InstanceMark(Path root, String id, String runtime) {
    this.file = root.resolve(PLACE);
    this.id = id;
    this.runtime = runtime;
  }

  /** What the marks on this host say about an instance. */
  static Findings look(String id, Volumes volumes) {
    List<InstanceMark> own = new ArrayList<>();
    List<InstanceMark> damaged = new ArrayList<>();
    boolean unreadable = false;
    for (AttachedVolume volume : volumes.attached()) {
      Optional<List<String>> lines = lines(volume.root());
      if (lines.isEmpty()) {
        unreadable = true;
        if (volume.volume().equals(id)) {
          damaged.add(new InstanceMark(volume.root(), id, ""));
        }
      } else if (!lines.get().isEmpty() && lines.get().getFirst().equals(id)) {
        own.add(new InstanceMark(volume.root(), id, lines.get().get(1)));
      }
    }
    return new Findings(own, damaged, unreadable);
  }

  /** One that cannot be read tells of no whole start: the start may be repeated. */
  static boolean isReady(Server server, Volumes volumes) {
    return InstanceLabels.mountOf(server, volumes)
        .flatMap(InstanceMark::lines)
        .filter(lines -> lines.contains("ready " + server.handle()))
        .isPresent();
  }

  /** The start begins. */
  void begin() {
    write(id + "\n" + runtime + "\n");
  }

  /** The start came to its end. */
  void ready(String handle) {
    write(id + "\n" + runtime + "\nready " + handle + "\n");
  }

  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot remove " + file + ": " + e.getMessage(), e);
    }
  }

  private void write(String content) {
    try {
      Files.createDirectories(file.getParent());
      Path next = file.resolveSibling("instance.next");
      try (FileChannel channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** No lines where there is no mark; empty where it cannot be read or is cut short. */
  private static Optional<List<String>> lines(Path root) {
    Path file = root.resolve(PLACE);
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.size() >= 2 ? Optional.of(lines) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.of(List.of());
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .log("an instance's mark cannot be read: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * What was found.
   *
   * @param own marks of the instance
   * @param damaged marks that cannot be read, in a volume of the instance's name
   * @param unreadable whether any mark of this host could not be read
   */
  record Findings(List<InstanceMark> own, List<InstanceMark> damaged, boolean unreadable) {
    /** Whether the runtime was told to run it, or nobody can say. */
    boolean mayRun(String runtimeName) {
      return own.isEmpty()
          ? unreadable
          : own.stream().anyMatch(mark -> mark.runtime.equals(runtimeName));
    }

    List<InstanceMark> removable() {
      return Stream.concat(own.stream(), damaged.stream()).toList();
    }
  }
}
