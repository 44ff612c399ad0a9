package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What resets left of a clone, and how it goes. */
final class RetiredVolumes {
  private static final Logger log = LoggerFactory.getLogger(RetiredVolumes.class);

  private final Term term;
  private final CloneCursor cursor;
  private final Agent agent;

  RetiredVolumes(Term term, CloneCursor cursor, Agent agent) {
    this.term = term;
    this.cursor = cursor;
    this.agent = agent;
  }

  /**
   * Removes them, and their ids from the record.
   *
   * @return false where one of them could not be removed now: that is to be tried again
   */
  boolean removed() {
    boolean all = true;
    for (String id : cursor.record().getStatus().getRetiredList()) {
      all &= removed(id);
    }
    return all;
  }

  /** Removes these, whatever the record says of them. */
  void remove(List<String> ids) {
    String pool = cursor.record().getAssignment().getPool();
    for (String id : ids) {
      agent.deleteInstance(id);
      agent.detachVolume(pool, id);
      agent.deleteVolume(pool, id);
    }
  }

  private boolean removed(String id) {
    try {
      remove(List.of(id));
    } catch (AgentException notNow) {
      term.requireAccepted(notNow);
      log.atWarn()
          .addKeyValue("clone", cursor.key().name())
          .addKeyValue("volume", id)
          .log("a volume that it had before is still there: {}", notNow.fault().message());
      return false;
    }
    cursor.amend(clone -> without(clone, id));
    return true;
  }

  private static CloneRecord without(CloneRecord clone, String id) {
    List<String> left =
        clone.getStatus().getRetiredList().stream().filter(other -> !other.equals(id)).toList();
    CloneRecord.Builder next = clone.toBuilder();
    next.getStatusBuilder().clearRetired().addAllRetired(left);
    return next.build();
  }
}
