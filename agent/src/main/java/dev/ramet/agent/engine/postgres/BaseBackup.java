package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Copies a running server into an empty volume by {@code pg_basebackup}. */
final class BaseBackup {
  private static final Pattern PROGRESS = Pattern.compile("^\\s*(\\d+)/(\\d+) kB \\(\\d+%\\)");

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final LoadContext context;
  private final PostgresUrl url;
  private final SourceServer source;

  BaseBackup(LoadContext context, PostgresUrl url, SourceServer source) {
    this.context = context;
    this.url = url;
    this.source = source;
  }

  /** Returns when the copy is there; it has yet to be started once. */
  void run() throws InterruptedException {
    Path passwords = writePasswords();
    LineTail tail = new LineTail();
    int exitCode;
    try {
      Map<String, String> environment = new HashMap<>();
      environment.put("PGPASSFILE", context.runtime().inside(passwords));
      environment.put("PGSSLMODE", url.sslmode());
      environment.put("PGAPPNAME", "ramet");
      environment.put("PGCONNECT_TIMEOUT", "10");
      exitCode =
          context.run(command(), environment, List.of(passwords), tail, line -> said(line, tail));
    } finally {
      VolumeLayout.removeTree(passwords);
    }
    if (exitCode != 0) {
      throw LoadFailure.of(context, "pg_basebackup", exitCode, tail.lines());
    }
    sanitize();
  }

  /** Bytes done and in all, of a progress line. */
  static Optional<long[]> progress(String line) {
    Matcher matcher = PROGRESS.matcher(line);
    return matcher.find()
        ? Optional.of(
            new long[] {
              Long.parseLong(matcher.group(1)) * 1024, Long.parseLong(matcher.group(2)) * 1024
            })
        : Optional.empty();
  }

  private void said(String line, LineTail tail) {
    Optional<long[]> progress = progress(line);
    if (progress.isPresent()) {
      // The source's size is an estimate, and it grows while it is copied.
      long done = progress.get()[0];
      context.listener().progress("base-backup", done, Math.max(done, progress.get()[1]));
    } else {
      tail.accept(line);
    }
  }

  private List<String> command() {
    List<String> command =
        new ArrayList<>(
            List.of(
                "pg_basebackup",
                "--host=" + url.host(),
                "--port=" + url.port(),
                "--username=" + url.user(),
                "--pgdata=" + context.inside(VolumeLayout.DATA),
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-password",
                "--progress",
                // All is synced at the end of the load, once.
                "--no-sync"));
    if (source.major() >= 13) {
      command.add("--no-manifest");
    }
    source
        .tablespaces()
        .forEach((oid, folder) ->
            command.add(
                "--tablespace-mapping=%s=%s"
                    .formatted(
                        folder.replace("=", "\\="),
                        context.inside(VolumeLayout.TABLESPACES + "/" + oid))));
    return command;
  }

  /** Only the tools' user can read it, only while they run. */
  private Path writePasswords() {
    Path file = passwordFile(context.mount().key());
    String line =
        String.join(
            ":",
            List.of(
                escape(url.host()),
                Integer.toString(url.port()),
                "*",
                escape(url.user()),
                escape(url.password().value())));
    try {
      Files.deleteIfExists(file);
      Files.createFile(file, PRIVATE);
      VolumeLayout.own(file, context.owner());
      Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.WRITE);
      return file;
    } catch (IOException e) {
      throw VolumeLayout.failure("write", file, e);
    }
  }

  /** In memory, never on the volume; one name per volume, so that a leftover is found again. */
  static Path passwordFile(String mountKey) {
    UUID name = UUID.nameUUIDFromBytes(mountKey.getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/ramet-" + name + ".pgpass");
  }

  private static String escape(String field) {
    return field.replace("\\", "\\\\").replace(":", "\\:");
  }

  /** What would make a server act as production does, or look for production, is put away. */
  void sanitize() {
    Path data = context.layout().data();
    try {
      refuseLinks(data);
      ProductionTraces.putAway(context.layout(), context.owner());
      relink(data.resolve("pg_tblspc"));
    } catch (IOException e) {
      throw VolumeLayout.failure("sanitize", data, e);
    }
  }

  /**
   * A server sends links in pg_tblspc only. Another would lead what is done here out of the volume.
   */
  private static void refuseLinks(Path data) throws IOException {
    try (Stream<Path> entries = Files.list(data)) {
      Optional<Path> link = entries.filter(Files::isSymbolicLink).findFirst();
      if (link.isPresent()) {
        throw new AgentException(
            AgentError.LOAD_FAILED,
            "the copy holds a link, '%s', where PostgreSQL has none: is the source what it says it is?"
                .formatted(data.relativize(link.get())));
      }
    }
  }

  /** Links relative to the volume hold in every clone and in every container. */
  private void relink(Path links) throws IOException {
    for (long oid : source.tablespaces().keySet()) {
      Path link = links.resolve(Long.toString(oid));
      if (!Files.isSymbolicLink(link)) {
        throw new AgentException(
            AgentError.LOAD_FAILED,
            "tablespace %d of the source is missing in the copy: was it dropped meanwhile? Load again"
                .formatted(oid));
      }
      Files.delete(link);
      Files.createSymbolicLink(link, VolumeLayout.tablespaceLink(oid));
    }
  }
}
