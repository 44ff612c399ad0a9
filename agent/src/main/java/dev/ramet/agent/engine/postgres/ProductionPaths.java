package dev.ramet.agent.engine.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells which folder of a volume a path means that was written down on the machine where the volume
 * comes from. Where the volume was mounted there is known from what the server wrote about itself
 * into its data directory.
 *
 * <p>A path that leads to another volume of that machine has no place here. Images of several
 * volumes would look it up among the others at this point.
 *
 * @param root of the volume, here
 * @param folder of the data directory, relative to the root
 * @param mount of the volume, there; null: not known
 */
record ProductionPaths(Path root, String folder, @Nullable Path mount) {
  private static final int DATA_DIRECTORY_LINE = 1;
  private static final Pattern OPTION = Pattern.compile("\"-D\" \"([^\"]+)\"");

  /** By what lies in the data directory. */
  static ProductionPaths of(Path root, String folder) {
    Path data = root.resolve(folder);
    return new ProductionPaths(
        root, folder, dataDirectory(data).flatMap(path -> mountOf(path, folder)).orElse(null));
  }

  /**
   * The folder that a link leads to, relative to the root; empty: none of this volume.
   *
   * @param holder folder that the link lies in, relative to the root
   */
  Optional<String> find(Path holder, Path target) {
    Path relative;
    if (!target.isAbsolute()) {
      relative = holder.resolve(target).normalize();
    } else if (mount != null && target.normalize().startsWith(mount)) {
      relative = mount.relativize(target.normalize());
    } else {
      return Optional.empty();
    }
    if (relative.startsWith("..") || VolumePaths.folder(root, relative.toString()).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(relative.toString());
  }

  /** Where the server said that its data were: when it ran last, or how it was started. */
  private static Optional<Path> dataDirectory(Path data) {
    List<String> lines = VolumePaths.lines(data.resolve("postmaster.pid"));
    if (lines.size() > DATA_DIRECTORY_LINE) {
      return absolute(lines.get(DATA_DIRECTORY_LINE));
    }
    for (String line : VolumePaths.lines(data.resolve("postmaster.opts"))) {
      Matcher option = OPTION.matcher(line);
      if (option.find()) {
        return absolute(option.group(1));
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> absolute(String path) {
    return path.startsWith("/") && path.indexOf('\0') < 0
        ? Optional.of(Path.of(path).normalize())
        : Optional.empty();
  }

  private static Optional<Path> mountOf(Path data, String folder) {
    if (folder.isEmpty()) {
      return Optional.of(data);
    }
    if (!data.endsWith(folder)) {
      return Optional.empty();
    }
    int names = data.getNameCount() - Path.of(folder).getNameCount();
    Path top = Path.of("/");
    return Optional.of(names == 0 ? top : top.resolve(data.subpath(0, names)));
  }
}
