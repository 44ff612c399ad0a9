package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Runs the hot path's code once against nothing, so that its classes are loaded. */
final class WarmUp {
  private WarmUp() {}

  static void run() {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("ramet-warm-up-");
      VolumeLayout layout = new VolumeLayout(folder);
      Files.createDirectories(folder.resolve(VolumeLayout.RAMET));
      new Manifest("0", "", "postgres", "postgres", List.of(), 0, Map.of()).write(layout);
      Manifest.read(layout)
          .ifPresent(manifest -> ServerConfig.writeForInstance(layout, manifest, Map.of()));
      ScramVerifier.of(new Secret("warm"));
      LocalConnection.open(layout.run(), PrivateServer.PORT, "postgres", "postgres").close();
    } catch (SQLException e) {
      // As wanted: nothing listens there. The driver's classes are loaded now.
      return;
    } catch (IOException e) {
      throw VolumeLayout.failure("use", Path.of(System.getProperty("java.io.tmpdir", "/tmp")), e);
    } finally {
      if (folder != null) {
        VolumeLayout.removeTree(folder);
      }
    }
  }
}
