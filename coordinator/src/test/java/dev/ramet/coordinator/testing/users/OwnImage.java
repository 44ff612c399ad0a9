package dev.ramet.coordinator.testing.users;

import dev.ramet.client.Images;
import dev.ramet.client.RametException;
import dev.ramet.client.Replica;
import dev.ramet.client.Revision;
import java.time.Duration;
import java.util.List;

/** The image that one user makes of its saves. */
final class OwnImage {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final World world;
  private final Site site;

  OwnImage(World world, Site site) {
    this.world = world;
    this.site = site;
  }

  private Images images() {
    return site.client().images();
  }

  /** Done when every host has it. Repeat: another revision of the same. */
  Object promote(Point save) throws Exception {
    Object done;
    try {
      done = images().promote(save.reference(), world.image).await(PATIENCE);
    } finally {
      settle(save);
    }
    return done;
  }

  /** Also what came of requests whose answer was lost. */
  private void settle(Point save) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Revision revision : revisions()) {
      if (world.revisions.containsKey(revision.number())) {
        continue;
      }
      Revision now = revision;
      while (!isSettled(now) && System.nanoTime() < end) {
        Thread.sleep(PAUSE);
        now = images().getRevision(world.image, revision.number());
      }
      if (now.state() == Revision.State.READY) {
        world.revisions.put(now.number(), Point.revision(world.image, now.number(), save.words()));
      } else {
        images().deleteRevision(world.image, now.number()).await(PATIENCE);
      }
    }
  }

  private boolean isSettled(Revision revision) {
    return switch (revision.state()) {
      case FAILED -> true;
      case READY ->
          revision.replicas().stream()
                  .filter(replica -> replica.state() == Replica.State.READY)
                  .count()
              == site.hosts();
      default -> false;
    };
  }

  private List<Revision> revisions() {
    try {
      return images().get(world.image).revisions();
    } catch (RametException e) {
      if (e.code().equals("IMAGE_NOT_FOUND")) {
        return List.of();
      }
      throw e;
    }
  }

  Object delete() {
    return images().delete(world.image).await(PATIENCE);
  }
}
