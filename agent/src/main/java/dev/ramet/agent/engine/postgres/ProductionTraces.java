package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** What in a copy would make a server act as production does, or look for production. */
final class ProductionTraces {
  private static final List<String> CONFIGURATION =
      List.of("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf");

  /** The map of tablespaces would have the server link them to production's places again. */
  private static final List<String> ORDERS =
      List.of("standby.signal", "recovery.signal", "postmaster.pid", "tablespace_map");

  private ProductionTraces() {}

  /**
   * Puts them away. Repeat, also after it was cut short: the source's configuration is kept as it
   * was first found.
   */
  static void putAway(VolumeLayout layout, Identity owner) throws IOException {
    Path data = layout.data();
    Path kept = layout.sourceConfig();
    Files.createDirectories(
        kept, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (String name : CONFIGURATION) {
      Path file = data.resolve(name);
      if (VolumePaths.exists(file) && !VolumePaths.exists(kept.resolve(name))) {
        Files.move(file, kept.resolve(name));
      } else {
        VolumeLayout.removeTree(file);
      }
    }
    for (String name : ORDERS) {
      Files.deleteIfExists(data.resolve(name));
    }
    Path automatic = data.resolve("postgresql.auto.conf");
    Files.createFile(
        automatic,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    VolumeLayout.own(automatic, owner);
    VolumeLayout.emptyFolder(data.resolve("pg_replslot"));
  }
}
