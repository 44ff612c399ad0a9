package dev.ramet.agent.instance;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Server;
import dev.ramet.agent.runtime.Volumes;
import dev.ramet.agent.state.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  /** What the marks in the instance's attached volumes say. */
  static Findings look(String id, Volumes volumes) {
    Volumes.Search search = volumes.named(id);
    Findings findings = new Findings(!search.complete());
    search.attached().forEach(volume -> findings.add(id, volume.root()));
    return findings;
  }

  /**
   * As {@link #look}, but into detached volumes too, which are attached for that time: what they
   * say need not be guessed.
   */
  static Findings lookClosely(String id, Volumes volumes) {
    Findings findings = look(id, volumes);
    for (String pool : volumes.named(id).detachedIn()) {
      volumes.whileAttached(pool, id, root -> findings.add(id, root));
    }
    return findings;
  }

  /** One that cannot be read tells of no whole start: the start may be repeated. */
  static boolean isReady(Server server, Volumes volumes) {
    return volumes.named(server.id()).attached().stream()
        .flatMap(volume -> lines(volume.root()).stream())
        .anyMatch(lines -> lines.contains("ready " + server.handle()));
  }

  /**
   * The start begins.
   *
   * @param durably whether the mark must survive a loss of power: where the runtime's memory does
   */
  void begin(boolean durably) {
    write(id + "\n" + runtime, durably);
  }

  /** The start came to its end. After a loss of power nothing runs, and nothing is lost with it. */
  void ready(String handle) {
    write(id + "\n" + runtime + "\nready " + handle, false);
  }

  void remove() {
    try {
      new StateFile(file).remove();
    } catch (IOException e) {
      if (!StateFile.isReadOnly(e)) {
        throw new AgentException(AgentError.IO, "cannot remove " + file + ": " + e.getMessage(), e);
      }
    }
  }

  private void write(String content, boolean durably) {
    try {
      Files.createDirectories(file.getParent());
      if (durably) {
        new StateFile(file).write(content);
      } else {
        new StateFile(file).writeSoon(content);
      }
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

  /** What was found. */
  static final class Findings {
    private final List<InstanceMark> removable = new ArrayList<>();
    private final Set<String> runtimes = new HashSet<>();
    private boolean unreadable;

    private Findings(boolean unreadable) {
      this.unreadable = unreadable;
    }

    private void add(String id, Path root) {
      Optional<List<String>> lines = lines(root);
      if (lines.isEmpty()) {
        unreadable = true;
        removable.add(new InstanceMark(root, id, ""));
      } else if (!lines.get().isEmpty() && lines.get().getFirst().equals(id)) {
        runtimes.add(lines.get().get(1));
        removable.add(new InstanceMark(root, id, lines.get().get(1)));
      }
    }

    /** Whether the runtime was told to run it, or nobody can say. */
    boolean mayRun(String runtimeName) {
      return runtimes.isEmpty() ? unreadable : runtimes.contains(runtimeName);
    }

    List<InstanceMark> removable() {
      return removable;
    }
  }
}
