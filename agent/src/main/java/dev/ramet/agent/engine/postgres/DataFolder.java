package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A PostgreSQL data directory that lies somewhere in a volume.
 *
 * @param folder relative to the volume's root; empty: the root itself
 * @param version as its PG_VERSION says, "15"
 */
record DataFolder(String folder, String version) {
  /** How many folders below the root one is looked for: "lib/pgsql/15/data". */
  static final int DEPTH = 4;

  private static final Set<String> OF_NOBODY =
      Set.of(VolumeLayout.LOST_AND_FOUND, VolumeLayout.ADOPTING);
  private static final Pattern VERSION = Pattern.compile("\\d{1,3}(\\.\\d{1,3})?");
  private static final String WHAT = "a folder with PG_VERSION and global/pg_control";

  /**
   * The one that is meant.
   *
   * @param wanted its folder; empty: the only one in the volume
   * @throws AgentException {@link AgentError#SOURCE_NOT_FOUND}, with what was found
   */
  static DataFolder choose(Path root, String volume, String wanted) {
    if (!wanted.isEmpty()) {
      return named(root, volume, normal(wanted));
    }
    List<DataFolder> found = in(root);
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty()) {
      throw notFound(
          "volume '%s' holds no PostgreSQL data directory (%s) at its root or up to %d folders below; at its top: %s"
              .formatted(volume, WHAT, DEPTH, top(root)));
    }
    throw notFound(
        "volume '%s' holds %d PostgreSQL data directories, %s: name one, as in 'volume:%s'"
            .formatted(volume, found.size(), shown(found), found.getFirst().folder()));
  }

  /** Where it is. */
  Path in(VolumeLayout layout) {
    return layout.root().resolve(folder);
  }

  private static DataFolder named(Path root, String volume, String folder) {
    return VolumePaths.folder(root, folder)
        .filter(DataFolder::isOne)
        .map(path -> new DataFolder(folder, versionOf(path)))
        .orElseThrow(() ->
            notFound(
                "'%s' in volume '%s' is no PostgreSQL data directory (%s); there are: %s; at the volume's top: %s"
                    .formatted(folder, volume, WHAT, shown(in(root)), top(root))));
  }

  private static String normal(String wanted) {
    Path path = Path.of(wanted).normalize();
    if (path.isAbsolute() || path.startsWith("..") || wanted.indexOf('\0') >= 0) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "the folder of a 'volume:' source is told relative to the volume's root, as in"
              + " 'volume:15/main'");
    }
    return path.toString();
  }

  /** All of them; what lies in one is a part of it. */
  private static List<DataFolder> in(Path root) {
    List<DataFolder> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          EnumSet.noneOf(FileVisitOption.class),
          DEPTH,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              if (OF_NOBODY.stream().map(root::resolve).anyMatch(folder::equals)) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              return look(folder);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              // The deepest folders are told here.
              return attributes.isDirectory() ? look(file) : FileVisitResult.CONTINUE;
            }

            private FileVisitResult look(Path folder) {
              if (!isOne(folder)) {
                return FileVisitResult.CONTINUE;
              }
              found.add(new DataFolder(root.relativize(folder).toString(), versionOf(folder)));
              return FileVisitResult.SKIP_SUBTREE;
            }
          });
    } catch (IOException e) {
      throw VolumeLayout.failure("look through", root, e);
    }
    return found.stream().sorted((a, b) -> a.folder().compareTo(b.folder())).toList();
  }

  private static boolean isOne(Path folder) {
    Path global = folder.resolve("global");
    return VolumePaths.isFile(folder.resolve("PG_VERSION"))
        && VolumePaths.isFolder(global)
        && VolumePaths.isFile(global.resolve("pg_control"));
  }

  private static String versionOf(Path folder) {
    List<String> lines = VolumePaths.lines(folder.resolve("PG_VERSION"));
    String version = lines.isEmpty() ? "" : lines.getFirst().strip();
    return VERSION.matcher(version).matches() ? version : "?";
  }

  private static String shown(List<DataFolder> found) {
    return VolumePaths.shown(
        found.stream()
            .map(one -> "'%s' (PostgreSQL %s)".formatted(one.folder(), one.version()))
            .toList());
  }

  private static String top(Path root) {
    return VolumePaths.shown(
        VolumePaths.entries(root).stream().map(path -> path.getFileName().toString()).toList());
  }

  private static AgentException notFound(String why) {
    return new AgentException(AgentError.SOURCE_NOT_FOUND, why);
  }
}
