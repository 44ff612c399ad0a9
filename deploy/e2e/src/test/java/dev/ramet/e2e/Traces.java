package dev.ramet.e2e;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an installation has made on the machine, as the kernel and Docker tell it. */
final class Traces {
  private final Path dir;
  private final List<String> hosts;
  private final @Nullable String docker;

  /**
   * @param dir everything of the installation lies below it
   * @param hosts names of its hosts, which its containers carry
   * @param docker address of its engine; null: the usual one
   */
  Traces(Path dir, List<String> hosts, @Nullable String docker) {
    this.dir = dir;
    this.hosts = hosts;
    this.docker = docker;
  }

  /**
   * One line for each loop device, mount, container, database process and volume file of clones and
   * builds.
   */
  List<String> ofClones() throws IOException {
    List<String> found = new ArrayList<>();
    loops().stream()
        .filter(loop -> !loop.endsWith(".img"))
        .map("loop device "::concat)
        .forEach(found::add);
    mounts().stream()
        .filter(mount -> mount.contains("/mnt/"))
        .map("mount "::concat)
        .forEach(found::add);
    containers().stream().map("container "::concat).forEach(found::add);
    databases().stream().map("process "::concat).forEach(found::add);
    files("volumes").stream().map("volume "::concat).forEach(found::add);
    files("mnt").stream().map("directory "::concat).forEach(found::add);
    return found;
  }

  List<String> loops() throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        Path file = device.resolve("loop/backing_file");
        if (Files.exists(file)) {
          String backing = readQuietly(file).strip();
          if (backing.startsWith(dir + "/")) {
            found.add(backing);
          }
        }
      }
    }
    return found;
  }

  List<String> mounts() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .map(line -> line.split(" ")[4])
          .filter(point -> point.startsWith(dir + "/"))
          .toList();
    }
  }

  List<String> containers() {
    return containers("{{.Names}}");
  }

  /** Of targets and of initiators, with files here: they outlive their agents on purpose. */
  List<ProcessHandle> sanDaemons() {
    return ProcessHandle.allProcesses()
        .filter(process -> {
          String program = process.info().command().orElse("");
          boolean initiator =
              program.endsWith("/qemu-storage-daemon")
                  && process.info().commandLine().orElse("").contains(dir.toString());
          return initiator || (program.endsWith("/tgtd") && hasFilesHere(process));
        })
        .toList();
  }

  private boolean hasFilesHere(ProcessHandle process) {
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (Path descriptor : open) {
        if (Files.readSymbolicLink(descriptor).startsWith(dir)) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // it ended meanwhile
    }
    return false;
  }

  /** What containerd runs of the containers, whether Docker knows of it or not. */
  List<ProcessHandle> shims() {
    List<String> ids = containers("{{.ID}}");
    return ProcessHandle.allProcesses()
        .filter(process -> {
          List<String> arguments = List.of(process.info().arguments().orElse(new String[0]));
          return arguments.contains("-id") && ids.stream().anyMatch(arguments::contains);
        })
        .toList();
  }

  /** HOST/INSTANCE of each container, and its state where it does not run. */
  List<String> containersOfInstances() {
    return containers("{{.Label \"dev.ramet.agent\"}}/{{.Label \"dev.ramet.instance\"}} {{.State}}")
        .stream()
        .map(line -> line.replaceFirst("@.*/", "/").replaceFirst(" running$", ""))
        .toList();
  }

  private List<String> containers(String format) {
    List<String> found = new ArrayList<>();
    String lines =
        DockerEngine.command(
                docker, "ps", "--all", "--no-trunc", "--format", format + "\t{{.Labels}}")
            .orFail()
            .out();
    for (String line : lines.lines().toList()) {
      if (hosts.stream().anyMatch(host -> line.contains("=" + host))) {
        found.add(line.substring(0, line.indexOf('\t')));
      }
    }
    return found;
  }

  /** HOST/VOLUME of each loop device that is no pool's. */
  List<String> loopsOfVolumes() throws IOException {
    return loops().stream()
        .filter(loop -> !loop.endsWith(".img"))
        .map(loop -> below(loop, "/pool/volumes/").replaceFirst("\\.raw$", ""))
        .toList();
  }

  /** HOST/VOLUME of each mount that is no pool's. */
  List<String> mountsOfVolumes() throws IOException {
    return mounts().stream()
        .filter(mount -> mount.contains("/mnt/"))
        .map(mount -> below(mount, "/pool/mnt/"))
        .toList();
  }

  private String below(String path, String place) {
    return path.substring(dir.toString().length() + 1).replace(place, "/");
  }

  /** Database servers of clones and builds: they work in their data directory. */
  List<String> databases() throws IOException {
    List<String> found = new ArrayList<>();
    workingInVolumes().forEach((pid, directory) -> found.add(pid + " in " + directory));
    return found;
  }

  /**
   * HOST/VOLUME of each database server that is a plain process; those that it started do not
   * count.
   */
  List<String> servers() throws IOException {
    Map<Long, String> working = workingInVolumes();
    return working.entrySet().stream()
        .filter(entry ->
            ProcessHandle.of(entry.getKey())
                .flatMap(ProcessHandle::parent)
                .map(parent -> !working.containsKey(parent.pid()))
                .orElse(true))
        .map(entry -> below(entry.getValue(), "/pool/mnt/").replaceFirst("/data$", ""))
        .toList();
  }

  private Map<Long, String> workingInVolumes() throws IOException {
    Map<Long, String> found = new TreeMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          String directory = Files.readSymbolicLink(process.resolve("cwd")).toString();
          if (directory.startsWith(dir + "/") && directory.contains("/mnt/")) {
            found.put(Long.valueOf(process.getFileName().toString()), directory);
          }
        } catch (IOException e) {
          // ended meanwhile, or a kernel thread
        }
      }
    }
    return found;
  }

  /** Files below /run by which a load logs in to one of these sources. */
  List<String> passwordFiles(List<SourceServer> sources) throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/run"), "ramet-*.pgpass")) {
      for (Path file : files) {
        String words = readQuietly(file);
        if (sources.stream().anyMatch(source -> words.contains(":" + source.port() + ":"))) {
          found.add(file.toString());
        }
      }
    }
    return found;
  }

  /** Names in one of the pools' directories. */
  List<String> files(String directory) throws IOException {
    List<String> found = new ArrayList<>();
    for (String host : hosts) {
      Path path = dir.resolve(host).resolve("pool").resolve(directory);
      String[] names = path.toFile().list();
      if (names != null) {
        Arrays.stream(names).sorted().map(name -> host + "/" + name).forEach(found::add);
      }
    }
    return found;
  }

  private static String readQuietly(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // released meanwhile
    }
  }
}
