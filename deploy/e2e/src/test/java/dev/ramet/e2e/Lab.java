package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.Host;
import dev.ramet.client.Image;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.RametClient;
import dev.ramet.client.RametException;
import dev.ramet.client.Replica;
import dev.ramet.client.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An installation on this machine: etcd, coordinators and agents, each with ports, directories and
 * host names of its own, so that several may exist at once. {@link #close} removes all of it,
 * whatever state it is in; the logs of all parts stay below {@code target/logs}.
 */
final class Lab implements AutoCloseable {
  static final Duration UP = Duration.ofSeconds(90);

  /** Clones that were made from clones, one after the other. */
  private static final int MAX_DEPTH = 60;

  /**
   * Databases' ports. Another process of the tests has others: what one chose and does not listen
   * on yet, nobody else takes.
   */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 5_000;
  private static final int FORK = Integer.getInteger("test.fork", 1) - 1;

  private static final String VERSION = System.getProperty("ramet.version", "0.1.0-SNAPSHOT");

  private final Path dir;
  private final Path logs;
  private final @Nullable String docker;
  private final Etcd etcd;
  private final List<Part> coordinators = new ArrayList<>();
  private final Map<String, Part> agents = new LinkedHashMap<>();
  private final List<SourceServer> sources = new ArrayList<>();
  private final Traces traces;
  private final RametClient client;

  /** What an installation consists of. */
  record Plan(
      String name,
      int hosts,
      int coordinators,
      Map<String, String> agentSettings,
      @Nullable String docker) {
    static Plan of(String name) {
      return new Plan(name, 2, 1, Map.of(), System.getenv("DOCKER_HOST"));
    }

    /** The address of an engine of its own. */
    Plan withDocker(String address) {
      return new Plan(name, hosts, coordinators, agentSettings, address);
    }

    Plan withHosts(int count) {
      return new Plan(name, count, coordinators, agentSettings, docker);
    }

    Plan withCoordinators(int count) {
      return new Plan(name, hosts, count, agentSettings, docker);
    }

    /** Every host attaches arrays' volumes, and is an array. */
    Plan withSan() {
      return withAgentSetting("pool.san.dir", "{home}/san")
          .withAgentSetting("pool.san.driver", "iscsi")
          .withTarget();
    }

    /** Every host is an array. */
    Plan withTarget() {
      return withAgentSetting("target.dir", "{home}/target")
          .withAgentSetting("target.size", "8GiB")
          .withAgentSetting("target.portals", "127.0.0.1:{portal}")
          .withAgentSetting("target.control", "{control}");
    }

    /** A setting of every agent; "{home}" in it is the host's own folder. */
    Plan withAgentSetting(String key, String value) {
      Map<String, String> settings = new LinkedHashMap<>(agentSettings);
      settings.put(key, value);
      return new Plan(name, hosts, coordinators, settings, docker);
    }
  }

  private Lab(Plan plan) throws IOException {
    this.dir = Files.createTempDirectory("e2e");
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx--x--x"));
    this.logs =
        Files.createDirectories(root().resolve("deploy/e2e/target/logs").resolve(plan.name()));
    deleteBelow(logs);
    this.docker = plan.docker();
    this.etcd = new Etcd(dir.resolve("etcd"), logs);
    for (int i = 0; i < plan.coordinators(); i++) {
      coordinators.add(coordinator("coordinator-" + i));
    }
    String unique =
        Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
    int firstPort = FIRST_PORT + PORTS * FORK + ThreadLocalRandom.current().nextInt(40) * 100;
    for (int i = 0; i < plan.hosts(); i++) {
      String host = "h" + unique + (char) ('a' + i);
      agents.put(host, agent(host, firstPort + 100 * i, plan.agentSettings()));
    }
    this.traces = new Traces(dir, List.copyOf(agents.keySet()), docker);
    this.client =
        RametClient.builder().server(servers()).callTimeout(Duration.ofSeconds(15)).build();
  }

  /** Starts everything and waits until all hosts have reported. */
  static Lab start(Plan plan) {
    Lab lab;
    try {
      lab = new Lab(plan);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      lab.startAll();
      return lab;
    } catch (RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  private void startAll() {
    etcd.part().start();
    etcd.part().awaitUp(UP);
    coordinators.forEach(Part::start);
    coordinators.forEach(part -> part.awaitUp(UP));
    agents.values().forEach(Part::start);
    agents.values().forEach(part -> part.awaitUp(UP));
    awaitHosts();
  }

  void awaitHosts() {
    Eventually.holds(
        "all hosts have reported",
        UP,
        () -> client.hosts().list().stream().filter(Host::alive).count() == agents.size());
  }

  private Part coordinator(String name) {
    int port = Part.freePort();
    Map<String, String> settings =
        Map.of(
            "RAMET_ETCD_ENDPOINTS", etcd.endpoint(),
            "RAMET_GRPC_PORT", Integer.toString(port),
            "RAMET_HTTP_PORT", Integer.toString(Part.freePort()));
    return new Part(name, java("coordinator"), settings, port, logs.resolve(name + ".log"));
  }

  private Part agent(String host, int firstPort, Map<String, String> settings) throws IOException {
    Path home = Files.createDirectories(dir.resolve(host));
    int port = Part.freePort();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("name", host);
    all.put("listen", "127.0.0.1:" + port);
    all.put(
        "coordinators",
        coordinators.stream().map(c -> "127.0.0.1:" + c.port()).collect(Collectors.joining(",")));
    all.put("state.dir", home.resolve("state").toString());
    all.put("pool.main.dir", home.resolve("pool").toString());
    all.put("pool.main.size", "8GiB");
    all.put("database.ports", firstPort + "-" + (firstPort + 99));
    if (docker != null) {
      all.put("docker.endpoint", docker);
    }
    int portal = Part.freePort();
    settings.forEach((key, value) ->
        all.put(
            key,
            value
                .replace("{home}", home.toString())
                .replace("{portal}", Integer.toString(portal))
                .replace("{control}", Integer.toString(portal & Short.MAX_VALUE))));
    Path config = home.resolve("agent.properties");
    Files.writeString(
        config,
        all.entrySet().stream()
            .map(e -> e.getKey() + " = " + e.getValue() + "\n")
            .collect(Collectors.joining()));
    List<String> command = new ArrayList<>(java("agent"));
    command.addAll(List.of("--config", config.toString()));
    return new Part(host, command, Map.of(), port, logs.resolve(host + ".log"));
  }

  private static List<String> java(String module) {
    Path jar =
        root()
            .resolve(module)
            .resolve("target")
            .resolve("ramet-" + module + "-" + VERSION + ".jar");
    if (!Files.exists(jar)) {
      throw new AssertionError(jar + " is missing: build it first (mvn package)");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Path options = root().resolve(module + "/src/main/dist/" + module + ".jvm");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    Path cache = jar.resolveSibling("ramet-" + module + ".aot");
    if (Files.exists(cache)) {
      command.add("-XX:AOTCache=" + cache);
    }
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  /** A range of databases' ports for a host with so many clones, and some more. */
  static String ports(int clones) {
    int first = FIRST_PORT + PORTS * FORK;
    return first + "-" + (first + clones + 99);
  }

  /** Of the checkout. */
  static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return here.endsWith("e2e") ? here.getParent().getParent() : here;
  }

  Path dir() {
    return dir;
  }

  RametClient client() {
    return client;
  }

  Etcd etcd() {
    return etcd;
  }

  Traces traces() {
    return traces;
  }

  List<Part> coordinators() {
    return coordinators;
  }

  /** Names of the hosts, in order. */
  List<String> hosts() {
    return List.copyOf(agents.keySet());
  }

  Part agent(String host) {
    Part part = agents.get(host);
    if (part == null) {
      throw new IllegalArgumentException("no host " + host);
    }
    return part;
  }

  Path pool(String host) {
    return dir.resolve(host).resolve("pool");
  }

  /** Of etcd, coordinators, agents and databases; what a container runs is below its first one. */
  List<Long> processes() throws IOException {
    List<Long> pids = new ArrayList<>(List.of(etcd.part().pid()));
    coordinators.forEach(part -> pids.add(part.pid()));
    agents.values().forEach(part -> pids.add(part.pid()));
    traces.databases().forEach(process -> pids.add(Long.valueOf(process.split(" ")[0])));
    for (String container : traces.containers()) {
      String pid = docker("inspect", "-f", "{{.State.Pid}}", container).orFail().out();
      pids.add(Long.valueOf(pid.strip()));
    }
    return pids;
  }

  /** For RAMET_SERVER and --server. */
  String servers() {
    return coordinators.stream().map(c -> "127.0.0.1:" + c.port()).collect(Collectors.joining(","));
  }

  /** Ends with the installation, if not before. */
  SourceServer source(int scale) throws IOException {
    SourceServer source = SourceServer.start(dir.resolve("source-" + sources.size()), logs, scale);
    sources.add(source);
    return source;
  }

  /** One whose data lie in this folder, and survive a loss of power. */
  SourceServer durableSource(Path folder, int scale) throws IOException {
    SourceServer source = SourceServer.start(folder, logs, scale, true);
    sources.add(source);
    return source;
  }

  /** Of the host as an array. */
  Path target(String host) {
    return dir.resolve(host).resolve("target");
  }

  List<SourceServer> sources() {
    return sources;
  }

  /** The first revision of an image, once it is on every host. */
  Image buildEverywhere(String name, SourceServer source) {
    client
        .images()
        .build(ImageBuild.of(name, Secret.of(source.url())))
        .await(Duration.ofMinutes(3));
    Eventually.holds(
        "the image is on every host",
        Duration.ofMinutes(2),
        () ->
            client.images().get(name).revisions().getFirst().replicas().stream()
                    .filter(replica -> replica.state() == Replica.State.READY)
                    .count()
                == agents.size());
    return client.images().get(name);
  }

  void delete(String clone) {
    client.clones().delete(clone).ifPresent(pending -> pending.await(Duration.ofMinutes(1)));
  }

  void deleteAllClones() {
    for (Clone clone : client.clones().list()) {
      if (clone.state() == Clone.State.READY) {
        keepLog(clone.name());
      }
    }
    // A clone whose saves others were made from goes after those.
    for (int round = 0; round < MAX_DEPTH && !client.clones().list().isEmpty(); round++) {
      client.clones().list().forEach(clone -> deleteUnlessBranched(clone.name()));
    }
  }

  private void deleteUnlessBranched(String clone) {
    try {
      client
          .clones()
          .delete(clone, true)
          .ifPresent(pending -> pending.await(Duration.ofMinutes(1)));
    } catch (RametException e) {
      if (!e.code().equals("CLONE_HAS_BRANCHES")) {
        throw e;
      }
    }
  }

  /** What its server said, beside the logs of all parts. */
  private void keepLog(String clone) {
    List<String> lines = new ArrayList<>();
    client.clones().readLog(clone, 1000, false, lines::add);
    try {
      Files.write(
          logs.resolve("instances.log"),
          lines,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** bin/ramet with these arguments. */
  Command cli(String... arguments) {
    return cli(Map.of(), arguments);
  }

  Command cli(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(root().resolve("bin/ramet").toString()));
    command.addAll(List.of(arguments));
    Map<String, String> all = surroundings();
    all.putAll(environment);
    return Command.run(all, Duration.ofMinutes(3), command);
  }

  private Map<String, String> surroundings() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("RAMET_SERVER", servers());
    variables.put("HOME", dir.toString());
    variables.put("XDG_CONFIG_HOME", dir.resolve("config").toString());
    variables.put("XDG_RUNTIME_DIR", "");
    return variables;
  }

  /** bin/ramet proxy, in the foreground; whoever starts it stops it. */
  Part proxy(String clone, int port) {
    return new Part(
        "proxy-" + port,
        List.of(
            root().resolve("bin/ramet").toString(),
            "proxy",
            clone,
            "--port",
            Integer.toString(port)),
        surroundings(),
        port,
        logs.resolve("proxy-" + port + ".log"));
  }

  /** Waits until nothing of clones and builds is left on the machine or in etcd. */
  void assertNothingLeft() {
    Eventually.holds(
        "nothing is left of clones",
        Duration.ofSeconds(30),
        () -> {
          List<String> left = new ArrayList<>(traces.ofClones());
          left.addAll(etcd.keys("/ramet/v1/clones/"));
          left.addAll(etcd.keys("/ramet/v1/ports/"));
          if (!left.isEmpty()) {
            throw new IllegalStateException("left: " + left);
          }
          return true;
        });
  }

  /** Waits until hosts and records hold what is ready, and nothing else. */
  void assertHoldsOnlyTheReady(Duration within) {
    Eventually.holds(
        "hosts and records hold what is ready and nothing else",
        within,
        () -> {
          List<String> differences = Holdings.differences(this);
          if (!differences.isEmpty()) {
            throw new IllegalStateException(String.join("; ", differences));
          }
          return true;
        });
  }

  @Override
  public void close() {
    client.close();
    sources.forEach(SourceServer::close);
    agents.values().forEach(Part::stop);
    coordinators.forEach(Part::stop);
    List<String> told = passwordsInLogs();
    etcd.part().stop();
    try {
      cutPower(traces, "rm", "--force");
      deleteBelow(dir);
      Files.deleteIfExists(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!told.isEmpty()) {
      throw new AssertionError("passwords stand in " + logs + ": " + told);
    }
  }

  private List<String> passwordsInLogs() {
    if (!etcd.part().isAlive()) {
      return List.of(); // it did not come up, which was told
    }
    try {
      return Passwords.of(this).inFiles(logs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /**
   * As if a host had lost its power: its agent, servers, mounts and loop devices are gone, its
   * files are there. Start its agent afterwards.
   */
  void reboot(String host) throws IOException {
    agent(host).kill();
    cutPower(new Traces(dir.resolve(host), List.of(host), docker), "kill");
  }

  Command docker(String... arguments) {
    return DockerEngine.command(docker, arguments);
  }

  private void cutPower(Traces of, String... containers) throws IOException {
    List<ProcessHandle> shims = of.shims();
    for (String container : of.containers()) {
      List<String> command = new ArrayList<>(List.of(containers));
      command.add(container);
      docker(command.toArray(String[]::new));
    }
    for (ProcessHandle daemon : of.sanDaemons()) {
      daemon.destroyForcibly();
    }
    for (ProcessHandle shim : shims) { // those that Docker lost when it was killed
      shim.descendants().forEach(ProcessHandle::destroyForcibly);
      shim.destroyForcibly();
    }
    for (String process : of.databases()) {
      ProcessHandle.of(Long.parseLong(process.split(" ")[0]))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
    Eventually.holds(
        "databases have ended", Duration.ofSeconds(10), () -> of.databases().isEmpty());
    for (String mount : of.mounts().stream().sorted(Comparator.reverseOrder()).toList()) {
      if (Command.run("umount", mount).exit() != 0) {
        Command.run("umount", "--lazy", mount);
      }
    }
    Eventually.holds(
        "loop devices are released", Duration.ofSeconds(10), () -> of.loops().isEmpty());
  }

  private static void deleteBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(directory)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
