package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.runtime.ProcessServers.Found;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers as plain processes of a user without rights, each in a session of its own, so that they
 * outlive the agent. What runs is recognised by its environment in {@code /proc} and by a file in
 * its volume.
 */
public final class ProcessRuntime implements InstanceRuntime {
  private static final Logger LOGGER = LoggerFactory.getLogger(ProcessRuntime.class);
  private static final String TOOL = "RAMET_TOOL";
  private static final String LOGS = "log";
  private static final long LOG_BYTES = 10L << 20;

  private final ProcessSettings settings;
  private final Volumes volumes;
  private final ProcessServers servers;
  private final HostPrograms programs;
  private final ProcessEnds ends = new ProcessEnds();
  private boolean adopted;
  private volatile @Nullable Identity user;

  public ProcessRuntime(ProcessSettings settings, Volumes volumes) {
    this.settings = settings;
    this.volumes = volumes;
    this.servers = new ProcessServers(settings.agent(), volumes);
    this.programs = new HostPrograms(settings);
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public RuntimeReport report() {
    List<String> versions = programs.versions();
    String problem =
        versions.isEmpty()
            ? "no PostgreSQL programs in %s or the agent's binaries folder: install a postgresql-NN package"
                .formatted(settings.packaged())
            : "";
    return new RuntimeReport(name(), problem, Map.of("postgres", versions));
  }

  @Override
  public void ensurePrograms(Programs wanted) {
    programs.server(wanted);
  }

  @Override
  public Identity databaseUser(Programs ignored) throws InterruptedException {
    Identity known = user;
    if (known == null) {
      known = new Identity(id("-u"), id("-g"));
      user = known;
    }
    return known;
  }

  @Override
  public String inside(VolumeMount mount, String relative) {
    return mount.root().resolve(relative).toString();
  }

  @Override
  public String inside(Path file) {
    return file.toString();
  }

  @Override
  public void create(ServerSpec spec) {
    limit(spec.id(), spec.memoryLimitBytes(), spec.cpuLimitMillis());
    dropLogsOfOthers(spec.id(), spec.mount().root());
    record(spec).write(spec.mount().root());
  }

  /**
   * By the instance's id: a copy of the volume holds the log of the one that it was copied from.
   */
  private static Path log(String id, Path root) {
    return root.resolve(LOGS).resolve(id + ".log");
  }

  private static void dropLogsOfOthers(String id, Path root) {
    Path own = log(id, root);
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(root.resolve(LOGS))) {
      for (Path log : logs) {
        if (!log.equals(own)) {
          Files.deleteIfExists(log);
        }
      }
    } catch (NoSuchFileException e) {
      LOGGER.debug("{} has no logs yet", root);
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot empty " + root.resolve(LOGS) + ": " + e, e);
    }
  }

  @Override
  public Server launch(ServerSpec spec) {
    Path log = log(spec.id(), spec.mount().root());
    try {
      Files.createDirectories(log.getParent());
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot make the folder of " + log, e);
    }
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put(ProcessServers.INSTANCE, spec.id());
    environment.put(ProcessServers.AGENT, settings.agent());
    String program = programs.server(spec.programs()).toString();
    Process process =
        Commands.startLogging(
            new Command(privileged(spec.user(), List.of(), program, spec.command()), environment),
            log);
    ProcessRecord started =
        record(spec).started(process.pid(), ProcessTable.startTicks(process.pid()).orElse(0));
    started.write(spec.mount().root());
    ends.expect(started);
    return server(started, started.pid(), "");
  }

  @Override
  public synchronized List<String> ended() {
    if (!adopted) {
      adopted = true;
      servers
          .all()
          .filter(found -> servers.mainProcess(found).isPresent())
          .map(Found::record)
          .filter(record -> record.pid() != 0)
          .forEach(ends::expect);
    }
    return ends.take();
  }

  @Override
  public Optional<Server> find(String id) {
    return servers.find(id).map(this::server);
  }

  @Override
  public List<Server> list() {
    return servers.all().map(this::server).toList();
  }

  @Override
  public boolean remembersAfterReboot() {
    return false;
  }

  @Override
  public void delete(String id, Duration grace) throws InterruptedException {
    ends.forget(id);
    Optional<Found> located = servers.find(id);
    if (located.isEmpty()) {
      // Its volume's file may have been deleted under it: nothing is left to shut down for.
      OptionalLong lost = servers.lostProcessOf(id);
      if (lost.isPresent()) {
        ProcessTable.killTree(lost.getAsLong());
      }
      return;
    }
    Found found = located.get();
    OptionalLong main = servers.mainProcess(found);
    if (main.isPresent()) {
      found.record().stopSignal().send(main.getAsLong());
      if (grace.isPositive() && ProcessTable.isStopped(main.getAsLong())) {
        ProcessTable.continueTree(main.getAsLong()); // a frozen one does not hear
      }
      if (grace.isZero() || !ProcessTable.awaitEnd(main.getAsLong(), grace)) {
        ProcessTable.killTree(main.getAsLong());
      }
    }
    killAllIn(found.root());
    ProcessRecord.remove(found.root());
  }

  @Override
  public void limit(String id, long memoryBytes, int cpuMillis) {
    if (memoryBytes > 0 || cpuMillis > 0) {
      throw new AgentException(
          AgentError.UNSUPPORTED,
          "the process runtime cannot limit memory or CPU of '%s': use the docker runtime, or no limits"
              .formatted(id));
    }
  }

  @Override
  public void freeze(String id) throws InterruptedException {
    OptionalLong main = mainProcess(id);
    if (main.isPresent() && !ProcessTable.stopTree(main.getAsLong())) {
      throw new AgentException(
          AgentError.IO,
          "process %d of instance '%s' does not stand still".formatted(main.getAsLong(), id));
    }
  }

  @Override
  public void thaw(String id) {
    mainProcess(id).ifPresent(ProcessTable::continueTree);
  }

  private OptionalLong mainProcess(String id) {
    Optional<Found> found = servers.find(id);
    return found.isPresent() ? servers.mainProcess(found.get()) : OptionalLong.empty();
  }

  @Override
  public void log(String id, int tailLines, boolean follow, Consumer<List<String>> lines)
      throws InterruptedException {
    Optional<Found> found = servers.find(id);
    if (found.isPresent()) {
      new LogFile(log(id, found.get().root()))
          .read(tailLines, follow, () -> servers.mainProcess(found.get()).isPresent(), lines);
    }
  }

  @Override
  public void boundLogs() {
    for (AttachedVolume volume : volumes.attached()) {
      try {
        new LogFile(log(volume.volume(), volume.root())).bound(LOG_BYTES);
      } catch (AgentException e) {
        LOGGER.atWarn().addKeyValue("instance", volume.volume()).log("{}", e.getMessage());
      }
    }
  }

  @Override
  public RunningTool start(Tool tool) {
    Map<String, String> environment = new HashMap<>(tool.environment());
    environment.put(TOOL, tool.mount().key());
    environment.put(ProcessServers.AGENT, settings.agent());
    String program = programs.tool(tool.programs(), tool.name()).toString();
    List<String> rights =
        tool.readsAnyFile()
            ? List.of("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
            : List.of();
    List<String> command = privileged(tool.user(), rights, program, tool.command());
    return new ToolProcess(Commands.start(new Command(command, environment)), tool);
  }

  @Override
  public void endTools(String mountKey) throws InterruptedException {
    if (!report().available()) {
      return; // without programs there are no tools
    }
    endTools(environment -> mountKey.equals(environment.get(TOOL)));
    for (AttachedVolume volume : volumes.attached()) {
      boolean same = mountKey.equals(volume.pool() + "/" + volume.volume());
      if (same && ProcessRecord.read(volume.root()).isEmpty()) {
        killAllIn(volume.root());
      }
    }
  }

  @Override
  public void warmUp() throws InterruptedException {
    endTools(environment -> environment.containsKey(TOOL));
    databaseUser(new Programs("postgres", ""));
    Commands.run(
        Command.of("unshare", "--ipc", "--", "setsid", "setpriv", "--dump"), Duration.ofSeconds(5));
  }

  private void endTools(Predicate<Map<String, String>> condition) throws InterruptedException {
    List<Long> tools =
        ProcessTable.find(pid -> {
          Map<String, String> environment = ProcessTable.environment(pid);
          return settings.agent().equals(environment.get(ProcessServers.AGENT))
              && environment.containsKey(TOOL)
              && condition.test(environment);
        });
    for (long tool : tools) {
      ProcessTable.killTree(tool);
    }
  }

  /**
   * A server whose main process was killed may leave others, whose environment tells nothing. Only
   * those of the database's user: an administrator may look around in the volume.
   */
  private void killAllIn(Path root) throws InterruptedException {
    int uid = databaseUser(new Programs("postgres", "")).uid();
    for (long pid :
        ProcessTable.find(
            pid -> ProcessTable.worksIn(pid, root) && ProcessTable.belongsTo(pid, uid))) {
      ProcessTable.killTree(pid);
    }
  }

  /**
   * In an IPC namespace of its own: the shared memory of a server that is killed goes with it,
   * where the host would keep it and run out of segments (ipc_namespaces(7)).
   */
  private List<String> privileged(
      Identity identity, List<String> rights, String program, List<String> command) {
    List<String> all = new ArrayList<>(List.of("unshare", "--ipc", "--", "setsid", "setpriv"));
    all.add("--reuid=" + identity.uid());
    all.add("--regid=" + identity.gid());
    all.add("--clear-groups");
    all.addAll(rights);
    all.add("--");
    all.add(program);
    all.addAll(command.subList(1, command.size()));
    return all;
  }

  private int id(String option) throws InterruptedException {
    Completed result =
        Commands.run(Command.of("id", option, settings.user()), Duration.ofSeconds(5));
    if (!result.ok()) {
      throw new AgentException(
          AgentError.RUNTIME_UNAVAILABLE,
          "this host has no user '%s' to run servers as: make one, or set another in the agent's configuration"
              .formatted(settings.user()));
    }
    return Integer.parseInt(result.output().getFirst().strip());
  }

  private ProcessRecord record(ServerSpec spec) {
    return new ProcessRecord(spec.id(), settings.agent(), 0, 0, spec.stopSignal(), spec.labels());
  }

  private Server server(Found found) {
    String gone = found.damage().isEmpty() ? "its process is gone" : found.damage();
    return server(found.record(), servers.mainProcess(found).orElse(0), gone);
  }

  private Server server(ProcessRecord record, long pid, String gone) {
    return new Server(
        record.id(),
        name(),
        pid == 0 ? "" : Long.toString(pid),
        pid != 0,
        pid != 0 && ProcessTable.isStopped(pid),
        pid != 0 ? "" : gone,
        record.labels());
  }
}
