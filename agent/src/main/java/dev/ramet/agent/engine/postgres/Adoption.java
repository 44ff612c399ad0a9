package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * Brings the PostgreSQL instance that lies in a volume into our layout, by renaming: nothing is
 * copied, and all else is removed. It can be cut short at any point and repeated.
 */
final class Adoption {
  private static final Set<String> KEPT =
      Set.of(VolumeLayout.ADOPTING, VolumeLayout.LOST_AND_FOUND);
  private static final String WAL = "pg_wal";
  private static final String LINKS = "pg_tblspc";

  private final VolumeLayout layout;
  private final Identity owner;
  private final AdoptionPlan plan;
  private final Runnable step;
  private final Path root;
  private final Path gathered;

  Adoption(VolumeLayout layout, Identity owner, AdoptionPlan plan) {
    this(layout, owner, plan, () -> {});
  }

  /** With something that is called before each step that alters the volume. */
  Adoption(VolumeLayout layout, Identity owner, AdoptionPlan plan, Runnable step) {
    this.layout = layout;
    this.owner = owner;
    this.plan = plan;
    this.step = step;
    this.root = layout.root();
    this.gathered = layout.adopting();
  }

  /** Returns when the data are where an instance of ours has them; it has yet to be started. */
  void run() {
    try {
      AdoptionPlan.Phase over = plan.phase();
      if (over == AdoptionPlan.Phase.PLANNED) {
        step.run();
        plan.write(layout);
        gather();
        step.run();
        plan.after(AdoptionPlan.Phase.GATHERED).write(layout);
      }
      if (over != AdoptionPlan.Phase.CLEARED) {
        clear();
        step.run();
        plan.after(AdoptionPlan.Phase.CLEARED).write(layout);
      }
      settle();
      step.run();
      ProductionTraces.putAway(layout, owner);
      step.run();
      relink();
      step.run();
      own(layout.data());
      own(layout.tablespaces());
    } catch (IOException e) {
      throw VolumeLayout.failure("bring the data into place in", root, e);
    }
  }

  /** Tablespaces and the log first: they may lie in the data directory, or above it. */
  private void gather() throws IOException {
    for (long oid : plan.tablespaces().keySet()) {
      Path to = gathered.resolve(VolumeLayout.TABLESPACES).resolve(Long.toString(oid));
      layout.createOwned(gathered.resolve(VolumeLayout.TABLESPACES), Identity.ROOT);
      layout.createOwned(to, owner);
      move(
          root.resolve(plan.tablespaces().get(oid)).resolve(plan.catalog()),
          to.resolve(plan.catalog()));
    }
    if (plan.wal() != null) {
      move(root.resolve(plan.wal()), gathered.resolve(WAL));
    }
    Path data = gathered.resolve(VolumeLayout.DATA);
    if (plan.folder().isEmpty()) {
      Files.createDirectories(data);
      for (Path entry : VolumePaths.entries(root)) {
        if (!KEPT.contains(entry.getFileName().toString())) {
          move(entry, data.resolve(entry.getFileName()));
        }
      }
    } else {
      move(root.resolve(plan.folder()), data);
    }
    if (plan.wal() != null) {
      if (Files.isSymbolicLink(data.resolve(WAL))) {
        Files.delete(data.resolve(WAL));
      }
      move(gathered.resolve(WAL), data.resolve(WAL));
    }
    requireWhole(data);
  }

  private void requireWhole(Path data) {
    boolean whole =
        VolumePaths.isFile(data.resolve("PG_VERSION")) && VolumePaths.isFolder(data.resolve(WAL));
    for (long oid : plan.tablespaces().keySet()) {
      Path tablespace = gathered.resolve(VolumeLayout.TABLESPACES).resolve(Long.toString(oid));
      whole &= VolumePaths.isFolder(tablespace.resolve(plan.catalog()));
    }
    if (!whole) {
      throw new AgentException(
          AgentError.LOAD_FAILED,
          "parts of the data directory went away while it was adopted: load from a new clone");
    }
  }

  /** Clones must not carry what nobody knows of. */
  private void clear() {
    for (Path entry : VolumePaths.entries(root)) {
      if (!KEPT.contains(entry.getFileName().toString())) {
        step.run();
        VolumeLayout.removeTree(entry);
      }
    }
  }

  private void settle() throws IOException {
    VolumeLayout.own(root, Identity.ROOT);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(root.resolve(VolumeLayout.RAMET));
    Files.createDirectories(layout.log());
    layout.createOwned(layout.run(), owner);
    VolumeLayout.emptyFolder(layout.run()); // of a server that an earlier load left behind
    layout.createOwned(layout.tablespaces(), owner);
    move(gathered.resolve(VolumeLayout.DATA), layout.data());
    for (long oid : plan.tablespaces().keySet()) {
      String name = Long.toString(oid);
      move(
          gathered.resolve(VolumeLayout.TABLESPACES).resolve(name),
          layout.tablespaces().resolve(name));
    }
    layout.createOwned(layout.data(), owner);
    for (Path entry : VolumePaths.entries(layout.data())) {
      if (Files.isSymbolicLink(entry)) {
        Files.delete(entry); // the server's own files are none: that was seen to
      }
    }
    for (String name : AdoptionPlanner.SCRATCH) {
      layout.createOwned(layout.data().resolve(name), owner);
    }
  }

  private void relink() throws IOException {
    Path links = layout.data().resolve(LINKS);
    for (Path entry : VolumePaths.entries(links)) {
      if (Files.isSymbolicLink(entry)) {
        Files.delete(entry);
      }
    }
    for (long oid : plan.tablespaces().keySet()) {
      Files.createSymbolicLink(links.resolve(Long.toString(oid)), VolumeLayout.tablespaceLink(oid));
    }
  }

  /**
   * A recovery makes tablespaces again that were made since the last checkpoint: at the place that
   * they had in production, if this host happens to have it.
   */
  static void requireOwnLinks(VolumeLayout layout) {
    try {
      for (Path entry : VolumePaths.entries(layout.data().resolve(LINKS))) {
        boolean ours =
            !Files.isSymbolicLink(entry)
                || Files.readSymbolicLink(entry).startsWith("../../" + VolumeLayout.TABLESPACES);
        if (!ours) {
          throw new AgentException(
              AgentError.LOAD_FAILED,
              "tablespace %s at %s was made just before the volume was copied: copy it again after a checkpoint"
                  .formatted(entry.getFileName(), Files.readSymbolicLink(entry)));
        }
      }
    } catch (IOException e) {
      throw VolumeLayout.failure("look at the tablespaces of", layout.data(), e);
    }
  }

  /** Within one file system, and only if it was not done before. */
  private void move(Path from, Path to) throws IOException {
    if (VolumePaths.exists(from)) {
      step.run();
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Links, pipes, sockets and devices are no data, and nobody should be given them. */
  private void own(Path top) throws IOException {
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            give(folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            boolean tablespace = file.resolveSibling("").equals(layout.data().resolve(LINKS));
            if (attributes.isOther() || (attributes.isSymbolicLink() && !tablespace)) {
              Files.delete(file);
            } else {
              give(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void give(Path path) throws IOException {
    Map<String, Object> now = Files.readAttributes(path, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
    if (!now.equals(Map.of("uid", owner.uid(), "gid", owner.gid()))) {
      VolumeLayout.own(path, owner);
    }
  }
}
