package dev.ramet.agent.array;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.state.StateFile;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.Chap;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who may use which volume, in one file for each, in a folder that only root can look into. */
final class ExportFiles {
  private static final String UNFINISHED = ".new";

  /** No volume's name begins so: users whose account is to be made anew. */
  private static final String STALE = ".stale-accounts";

  private final Path folder;

  ExportFiles(Path folder) {
    this.folder = folder;
  }

  /** Who may use the volume. */
  List<Access> of(VolumeId id) {
    return lines(folder.resolve(id.value())).stream().map(Access::parse).toList();
  }

  /** Volumes that somebody may use. */
  List<VolumeId> volumes() {
    List<VolumeId> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path entry : files) {
        String name = entry.getFileName().toString();
        if (!name.endsWith(UNFINISHED) && !name.startsWith(".")) {
          found.add(new VolumeId(name));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot read %s: %s".formatted(folder, e), e);
    }
    return found;
  }

  void write(VolumeId id, List<Access> all) {
    write(id.value(), all.stream().map(Access::line).toList());
  }

  /** What a user shows, by whichever volume. */
  Optional<Chap> known(String user) {
    return volumes().stream()
        .flatMap(id -> of(id).stream())
        .flatMap(access -> access.chaps().stream())
        .filter(chap -> chap.user().equals(user))
        .findFirst();
  }

  /** A user has another secret from now on, for all volumes; its account is stale until told. */
  void change(Chap chap) {
    List<String> stale = new ArrayList<>(stale());
    stale.add(chap.user());
    write(STALE, stale);
    for (VolumeId id : volumes()) {
      List<Access> before = of(id);
      List<Access> after = before.stream().map(access -> access.with(chap)).toList();
      if (!after.equals(before)) {
        write(id, after);
      }
    }
  }

  /** Users whose secret changed, as far as the daemon was not told for sure. */
  List<String> stale() {
    return lines(folder.resolve(STALE));
  }

  void renewed() {
    write(STALE, List.of());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot read %s: %s".formatted(file, e), e);
    }
  }

  private void write(String name, List<String> lines) {
    StateFile state = new StateFile(folder.resolve(name));
    try {
      if (lines.isEmpty()) {
        if (Files.isDirectory(folder)) {
          state.remove();
        }
        return;
      }
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      state.write(String.join("\n", lines));
    } catch (IOException e) {
      throw new AgentException(
          AgentError.IO, "cannot keep who may use volumes in %s: %s".formatted(state, e), e);
    }
  }
}
