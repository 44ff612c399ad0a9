package dev.ramet.e2e;

import dev.ramet.client.Clone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A copy of a clone's database in a plain directory, with the same settings. */
final class BarePostgres {
  private final Path dir;
  private final Clone copied;
  private final int port = Part.freePort();
  private final Part server;

  /**
   * @param volume mount point of the clone's volume; copied after a checkpoint, while nobody writes
   */
  BarePostgres(Path dir, Path volume, Clone copied) throws IOException {
    this.dir = dir;
    this.copied = copied;
    Command.run("cp", "-a", volume.resolve("data").toString(), dir.toString()).orFail();
    Files.deleteIfExists(dir.resolve("data/postmaster.pid"));
    Path run = Files.createDirectories(dir.resolve("run"));
    PosixFileAttributes owner =
        Files.readAttributes(dir.resolve("data"), PosixFileAttributes.class);
    String user = owner.owner().getName();
    Command.run("chown", user + ":" + owner.group().getName(), run.toString()).orFail();
    this.server =
        new Part(
            "bare",
            List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + owner.group().getName(),
                "--clear-groups",
                SourceServer.programs().resolve("postgres").toString(),
                "-D",
                dir.resolve("data").toString(),
                "-c",
                "config_file=" + dir.resolve("ramet/postgresql.conf"),
                "-c",
                "hba_file=" + dir.resolve("ramet/pg_hba.conf"),
                "-c",
                "ident_file=" + dir.resolve("ramet/pg_ident.conf"),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "port=" + port,
                "-c",
                "unix_socket_directories=" + run),
            Map.of(),
            port,
            dir.resolve("bare.log"));
  }

  /** The clone whose users and database it has. */
  Clone copied() {
    return copied;
  }

  int port() {
    return port;
  }

  void start() {
    server.start();
    server.awaitUp(Duration.ofSeconds(60));
    String url = copied.url().reveal();
    FirstQuery.await(url.replace(":" + copied.endpoint().port() + "/", ":" + port + "/"));
  }

  void stop() {
    server.stop();
  }
}
