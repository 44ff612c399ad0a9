package dev.ramet.coordinator.records;

import dev.ramet.coordinator.placement.Candidate;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Placement;
import dev.ramet.proto.v1.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How the record of a new clone begins, whoever makes it. */
public final class CloneDrafts {
  /** Whom every clone has as its user. */
  public static final String USER = "ramet";

  /** The decision where it goes, as a step. */
  public static final String PLACE = "place";

  /** The taking out of its image's pool, as a step. */
  public static final String CLAIM = "claim";

  private CloneDrafts() {}

  /** Where it was decided that the clone goes; what it is made from is still to be said. */
  public static CloneAssignment.Builder placed(View view, Decision.Placed placed, Secret password) {
    return CloneAssignment.newBuilder()
        .setHost(placed.host())
        .setPool(placed.pool())
        .setRuntime(placed.runtime())
        .setAddress(address(view, placed.host()))
        .setPort(placed.port())
        .setUser(USER)
        .setPassword(password.reveal())
        .setPlacement(placement(placed.table()));
  }

  /** Nothing is done yet but the decision. */
  public static CloneStatus pending(Instant received, Instant now) {
    return CloneStatus.newBuilder()
        .setState(Clone.State.PENDING)
        .addSteps(step(PLACE, received, now))
        .build();
  }

  /** A step that is over. */
  public static Step step(String name, Instant began, Instant ended) {
    return Step.newBuilder()
        .setName(name)
        .setState(Step.State.SUCCEEDED)
        .setStartTime(Times.message(began))
        .setElapsed(Times.message(Duration.between(began, ended)))
        .build();
  }

  /** Both keys of a new clone: its own, and its port's. */
  public static Txn create(Txn txn, CloneRecord clone) {
    CloneAssignment place = clone.getAssignment();
    return txn.create(Keys.clone(clone.getMeta().getName()), clone)
        .create(Keys.port(place.getHost(), place.getPort()), port(clone));
  }

  public static PortRecord port(CloneRecord clone) {
    return PortRecord.newBuilder()
        .setClone(clone.getMeta().getName())
        .setUid(clone.getMeta().getUid())
        .build();
  }

  private static String address(View view, String host) {
    return HostViews.alive(view, host)
        .map(report -> report.getDatabaseAddress())
        .filter(address -> !address.isEmpty())
        .orElse("127.0.0.1");
  }

  private static Placement placement(List<Candidate> table) {
    Placement.Builder placement = Placement.newBuilder();
    for (Candidate candidate : table) {
      Placement.Candidate.Builder line =
          placement
              .addCandidatesBuilder()
              .setHost(candidate.host())
              .setChosen(candidate.chosen())
              .putAllScores(candidate.scores());
      candidate
          .refusal()
          .ifPresentOrElse(
              refusal -> line.setRejection(refusal.words()),
              () -> line.setScore(candidate.score()));
    }
    return placement.build();
  }
}
