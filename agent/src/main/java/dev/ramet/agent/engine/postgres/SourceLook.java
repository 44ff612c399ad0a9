package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.engine.SourceReport;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.RuntimeReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;

/** What a source turned out to be, and which version of the engine goes with it. */
sealed interface SourceLook {
  /** Before this, recovery and authentication worked in other ways. */
  int OLDEST_MAJOR = 12;

  /** For the caller. */
  SourceReport report();

  /** A running server. */
  record Server(PostgresUrl url, SourceServer source, SourceReport report) implements SourceLook {}

  /** A file or folder. */
  record Dump(DumpFile file, SourceReport report) implements SourceLook {}

  /**
   * Looks.
   *
   * @param version wanted; empty: what goes with the source
   */
  static SourceLook at(String version, Source source, RuntimeReport runtime) {
    String location = source.location();
    if (PostgresUrl.looksLikeOne(location)) {
      PostgresUrl url = PostgresUrl.parse(location);
      SourceServer server = new ServerProbe(url).look();
      return new Server(url, server, reportOf(url, server, version, runtime));
    }
    if (source.isInVolume()) {
      throw new AgentException(
          AgentError.UNSUPPORTED,
          "a 'volume:' source cannot be looked at before its volume is attached: what it holds is"
              + " found, or refused, when it is loaded");
    }
    if (!location.startsWith("/")) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "the source is neither a postgres:// URL nor an absolute path on the host nor 'volume:'");
    }
    DumpFile file = new DumpProbe(Path.of(location).normalize()).look();
    return new Dump(file, reportOf(file, version, runtime));
  }

  /**
   * Refuses data that no program of this host can run, or that are not of the version asked for.
   *
   * @param wanted version; empty: any
   */
  static void requireVersion(String what, String found, String wanted, RuntimeReport runtime) {
    if (!wanted.isEmpty() && !wanted.equals(found)) {
      throw unsupported(
          "%s is of PostgreSQL %s and cannot become an image of PostgreSQL %s: data keep their version; ask for postgres:%s"
              .formatted(what, found, wanted, found));
    }
    if (versions(runtime).stream().map(String::valueOf).noneMatch(found::equals)) {
      throw missing(what, found, runtime);
    }
  }

  /** Tells one load's arguments from another's, without the password. */
  static String fingerprint(LoadRequest request) {
    String location = request.source().location();
    String shown =
        PostgresUrl.looksLikeOne(location)
            ? PostgresUrl.parse(location).toString() // its password prints as ***
            : location;
    List<String> parts =
        new ArrayList<>(List.of(shown, request.version(), request.runtime(), request.database()));
    if (request.source().isInVolume()) {
      // Such a volume may come with what was written by the load of another.
      parts.addAll(List.of(request.pool(), request.volume()));
    }
    String arguments = parts.toString();
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(arguments.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static SourceReport reportOf(
      PostgresUrl url, SourceServer server, String version, RuntimeReport runtime) {
    String major = Integer.toString(server.major());
    String what = "PostgreSQL %s at %s".formatted(server.version(), url.address());
    if (!version.isEmpty() && !version.equals(major)) {
      throw unsupported(
          "%s cannot become an image of PostgreSQL %s: a base backup keeps its version; ask for postgres:%s, or load a dump"
              .formatted(what, version, major));
    }
    if (server.major() < OLDEST_MAJOR || !versions(runtime).contains(server.major())) {
      throw missing(what, major, runtime);
    }
    return new SourceReport(
        SourceReport.Form.SERVER,
        PostgresEngine.NAME,
        major,
        server.version(),
        server.dataBytes(),
        what);
  }

  private static SourceReport reportOf(DumpFile file, String version, RuntimeReport runtime) {
    int made = file.major();
    String chosen = version;
    if (version.isEmpty()) {
      OptionalInt fit = versions(runtime).stream().mapToInt(v -> v).filter(v -> v >= made).min();
      chosen = made == 0 ? newest(runtime) : fit.isPresent() ? "" + fit.getAsInt() : "";
      if (chosen.isEmpty()) {
        throw missing("the " + file.description(), "%d or newer".formatted(made), runtime);
      }
    } else if (ArchiveHeader.major(version) < made) {
      throw unsupported(
          "the %s was made by pg_dump %s, which PostgreSQL %s cannot read: ask for postgres:%d or newer"
              .formatted(file.description(), file.toolVersion(), version, made));
    } else if (!versions(runtime).contains(ArchiveHeader.major(version))) {
      throw missing("the " + file.description(), version, runtime);
    }
    return new SourceReport(
        SourceReport.Form.DUMP,
        PostgresEngine.NAME,
        chosen,
        file.sourceVersion(),
        file.dataBytes(),
        file.description());
  }

  private static String newest(RuntimeReport runtime) {
    return versions(runtime).isEmpty() ? "" : versions(runtime).getLast().toString();
  }

  private static List<Integer> versions(RuntimeReport runtime) {
    return runtime.versions().getOrDefault(PostgresEngine.NAME, List.of()).stream()
        .map(Integer::valueOf)
        .filter(major -> major >= OLDEST_MAJOR)
        .sorted()
        .toList();
  }

  private static AgentException missing(String what, String needed, RuntimeReport runtime) {
    return unsupported(
        "%s needs PostgreSQL %s, and the %s runtime of this host has %s"
            .formatted(what, needed, runtime.name(), versions(runtime)));
  }

  private static AgentException unsupported(String why) {
    return new AgentException(AgentError.SOURCE_VERSION_UNSUPPORTED, why);
  }
}
