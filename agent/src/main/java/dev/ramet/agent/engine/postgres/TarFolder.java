package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks a tar file of a dump's folder, which is flat: only plain files count, by bare name. */
final class TarFolder {
  private TarFolder() {}

  static void extract(InputStream stream, Path folder, Identity owner) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(stream);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (!entry.isFile()) {
        continue;
      }
      String name = entry.getName().replaceFirst("^.*/", "");
      // Names that pg_dump gives: toc.dat, 3012.dat.gz, blobs.toc, blob_16385.dat.zst
      if (name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
        Path file = folder.resolve(name);
        Files.copy(tar, file);
        VolumeLayout.own(file, owner);
      }
    }
  }
}
