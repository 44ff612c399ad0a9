package dev.ramet.coordinator.api;

import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warm clones that did not answer when a user was to be given them. One that is dead is started
 * again by the leader, one on a busy host may answer a little later; one that is silent again after
 * that, while its record says that it is well, hangs, which nobody else would notice, and is
 * deleted.
 */
final class Silences {
  private static final Logger log = LoggerFactory.getLogger(Silences.class);
  private static final Duration LEFT_ALONE = Duration.ofSeconds(5);

  /** Two that are further apart say nothing together. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  private final Records records;
  private final Map<String, Silence> silences = new ConcurrentHashMap<>();

  /**
   * Of one clone.
   *
   * @param revision of its record then: whoever starts it again changes that
   * @param nanos when, by {@link System#nanoTime}
   */
  private record Silence(long revision, long nanos) {
    boolean isYoungerThan(Duration age) {
      return System.nanoTime() - nanos < age.toNanos();
    }
  }

  Silences(Records records) {
    this.records = records;
  }

  /** It was asked a moment ago, and nothing has happened to it since. */
  boolean isLeftAlone(Versioned<CloneRecord> warm) {
    return last(warm).filter(silence -> silence.isYoungerThan(LEFT_ALONE)).isPresent();
  }

  private Optional<Silence> last(Versioned<CloneRecord> warm) {
    return Optional.ofNullable(silences.get(warm.value().getMeta().getUid()))
        .filter(silence -> silence.revision() == warm.modRevision());
  }

  void ended(Versioned<CloneRecord> warm) {
    silences.remove(warm.value().getMeta().getUid());
  }

  /** That its agent was away is no silence of its server. */
  void note(Versioned<CloneRecord> warm) {
    boolean again = last(warm).filter(silence -> silence.isYoungerThan(FORGOTTEN)).isPresent();
    silences.values().removeIf(silence -> !silence.isYoungerThan(FORGOTTEN));
    silences.put(
        warm.value().getMeta().getUid(), new Silence(warm.modRevision(), System.nanoTime()));
    if (again) {
      delete(warm);
    }
  }

  private void delete(Versioned<CloneRecord> warm) {
    log.atWarn()
        .addKeyValue("clone", warm.value().getAssignment().getVolume())
        .log("a warm clone hangs and is deleted");
    try {
      records.store().modify(warm.key(), this::doomed);
    } catch (StoreException error) {
      log.warn("a warm clone that hangs could not be deleted: {}", error.getMessage());
    }
  }

  /** Under this key it is in the pool still. */
  private CloneRecord doomed(CloneRecord clone) {
    return CloneRecords.transition(clone, CloneEvent.DELETE_ASKED)
        .map(row -> CloneRecords.after(clone, row, Optional.empty(), records.now()))
        .orElse(clone);
  }
}
