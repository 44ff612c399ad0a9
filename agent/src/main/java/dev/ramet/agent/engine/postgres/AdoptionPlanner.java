package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.RuntimeReport;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the parts of the instance in a volume, and refuses what cannot be adopted, before anything
 * is altered. Cost: a look at each file's attributes.
 */
final class AdoptionPlanner {
  /** What the server makes for itself at its start; some keep it in memory, by a link. */
  static final Set<String> SCRATCH =
      Set.of(
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final String WAL = "pg_wal";
  private static final String LINKS = "pg_tblspc";

  /** A link in place of one of these leads to data that are missing. */
  private static final Set<String> ESSENTIAL =
      Set.of(
          "PG_VERSION",
          "backup_label",
          "base",
          "global",
          "pg_commit_ts",
          "pg_logical",
          "pg_multixact",
          "pg_stat",
          LINKS,
          "pg_twophase",
          "pg_xact");

  private static final Pattern SEGMENT = Pattern.compile("[0-9A-F]{24}");
  private static final Pattern OID = Pattern.compile("\\d{1,10}");

  private final LoadRequest request;
  private final Path root;
  private final DataFolder found;
  private final Path data;
  private final ProductionPaths places;

  private AdoptionPlanner(LoadRequest request, DataFolder found) {
    this.request = request;
    this.root = request.root();
    this.found = found;
    this.data = root.resolve(found.folder());
    this.places = ProductionPaths.of(root, found.folder());
  }

  /**
   * The plan for a volume that holds no plan.
   *
   * @throws AgentException {@link AgentError#SOURCE_NOT_FOUND} where the data or a part of them is
   *     not in the volume, {@link AgentError#SOURCE_VERSION_UNSUPPORTED}
   */
  static AdoptionPlan plan(LoadRequest request, String fingerprint, RuntimeReport runtime) {
    DataFolder found =
        DataFolder.choose(request.root(), request.volume(), request.source().folderInVolume());
    SourceLook.requireVersion(
        "the data directory '%s' of volume '%s'".formatted(found.folder(), request.volume()),
        found.version(),
        request.version(),
        runtime);
    return new AdoptionPlanner(request, found).plan(fingerprint);
  }

  private AdoptionPlan plan(String fingerprint) {
    String catalog = "PG_%s_%d".formatted(found.version(), ControlFile.catalogVersion(data));
    refuseLinks();
    String wal = wal();
    Map<Long, String> tablespaces = tablespaces(catalog);
    return new AdoptionPlan(
        fingerprint,
        AdoptionPlan.Phase.PLANNED,
        found.folder(),
        found.version(),
        catalog,
        wal,
        tablespaces,
        SourceSettings.of(data));
  }

  /** A link that the server does without, to its messages or certificates, is dropped later. */
  private void refuseLinks() {
    for (Path entry : VolumePaths.entries(data)) {
      if (ESSENTIAL.contains(entry.getFileName().toString())) {
        if (Files.isSymbolicLink(entry)) {
          throw missing("'%s' is a link to %s".formatted(shown(entry), target(entry)));
        }
        if (!entry.getFileName().toString().equals(LINKS)) {
          refuseLinksIn(entry);
        }
      }
    }
  }

  /** Databases or tables that were moved away by hand. */
  private void refuseLinksIn(Path top) {
    List<Path> links = new ArrayList<>();
    try {
      Files.walkFileTree(
          top,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isSymbolicLink()) {
                links.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw VolumeLayout.failure("look through", top, e);
    }
    if (!links.isEmpty()) {
      throw missing(
          "there are links where PostgreSQL has none: "
              + VolumePaths.shown(links.stream().map(this::shown).toList()));
    }
  }

  private @Nullable String wal() {
    Path wal = data.resolve(WAL);
    if (Files.isSymbolicLink(wal)) {
      Path target = target(wal);
      String inside =
          places
              .find(Path.of(found.folder()), target)
              .filter(place -> holdsSegments(root.resolve(place)))
              .orElseThrow(() ->
                  missing(
                      "its write-ahead log is at %s, which is not in this volume: let the image be built from a volume that holds both"
                          .formatted(target)));
      refuseLinksIn(root.resolve(inside));
      return inside;
    }
    if (!VolumePaths.isFolder(wal) || !holdsSegments(wal)) {
      throw missing(
          "its pg_wal is empty or not there: is the write-ahead log on a volume of its own, mounted"
              + " in this one?");
    }
    refuseLinksIn(wal);
    return null;
  }

  private static boolean holdsSegments(Path folder) {
    return VolumePaths.entries(folder).stream()
        .anyMatch(entry ->
            VolumePaths.isFile(entry) && SEGMENT.matcher(entry.getFileName().toString()).matches());
  }

  private Map<Long, String> tablespaces(String catalog) {
    Map<Long, String> inside = new TreeMap<>();
    List<String> outside = new ArrayList<>();
    Path links = data.resolve(LINKS);
    if (!VolumePaths.isFolder(links)) {
      throw missing("it has no " + LINKS);
    }
    for (Path link : VolumePaths.entries(links)) {
      String oid = link.getFileName().toString();
      if (Files.isSymbolicLink(link) && OID.matcher(oid).matches()) {
        places
            .find(Path.of(found.folder()).resolve(LINKS), target(link))
            .filter(place -> VolumePaths.isFolder(root.resolve(place).resolve(catalog)))
            .ifPresentOrElse(
                place -> inside.put(Long.valueOf(oid), place),
                () -> outside.add("%s (oid %s)".formatted(target(link), oid)));
      }
    }
    if (!outside.isEmpty()) {
      throw missing(
          "it has tablespaces that are not in this volume: %s"
              .formatted(VolumePaths.shown(outside)));
    }
    inside.values().forEach(place -> refuseLinksIn(root.resolve(place).resolve(catalog)));
    return inside;
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      throw VolumeLayout.failure("read", link, e);
    }
  }

  private String shown(Path path) {
    return root.relativize(path).toString();
  }

  private AgentException missing(String what) {
    String known =
        places.mount() == null
            ? "; where the volume was mounted is not known: no postmaster.pid or postmaster.opts"
                + " tells it"
            : "; the volume was mounted at " + places.mount();
    return new AgentException(
        AgentError.SOURCE_NOT_FOUND,
        "the data directory '%s' of volume '%s' is not whole: %s%s"
            .formatted(found.folder(), request.volume(), what, known));
  }
}
