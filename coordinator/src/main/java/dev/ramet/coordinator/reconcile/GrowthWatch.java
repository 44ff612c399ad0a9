package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.GrowthAsked;
import dev.ramet.coordinator.fleet.GrowthSeen;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each host, in one call for all its clones that may not grow as they like, how much they have
 * grown, and writes down what is worth it. A clone that is over its limit becomes OVER_CAP; its
 * worker freezes it.
 */
final class GrowthWatch {
  private static final Logger log = LoggerFactory.getLogger(GrowthWatch.class);

  private final Term term;
  private final Consumer<Key<?>> changed;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /**
   * Nothing is asked yet.
   *
   * @param changed is told of each clone that has work to be done for now
   */
  GrowthWatch(Term term, Consumer<Key<?>> changed) {
    this.term = term;
    this.changed = changed;
  }

  /** Begins to ask all hosts, but those whose last answer is not here yet. Does not block. */
  void look() {
    if (!term.viewIsFresh()) {
      return;
    }
    Map<String, List<Versioned<CloneRecord>>> byHost =
        term.view().list(Kind.CLONE).stream()
            .filter(clone -> Growths.limit(clone.value()) > 0)
            .filter(clone -> CloneRecords.state(clone.value()) == CloneState.READY)
            .collect(Collectors.groupingBy(clone -> clone.value().getAssignment().getHost()));
    byHost.forEach((host, clones) -> {
      if (asked.add(host)) {
        Thread.startVirtualThread(() -> look(host, clones));
      }
    });
  }

  private void look(String host, List<Versioned<CloneRecord>> clones) {
    try {
      term.requireLeading();
      Optional<Agent> agent = term.agent(host);
      if (agent.isPresent() && term.hosts().isAlive(term.view(), host)) {
        read(agent.get(), clones);
      }
    } catch (AgentException | StoreException notNow) {
      log.atDebug().addKeyValue("host", host).log("growth: {}", notNow.getMessage());
    } catch (Deposed over) {
      log.debug("the growth of clones on {} is left to the next leader", host, over);
    } catch (RuntimeException | Error error) {
      log.atError().addKeyValue("host", host).setCause(error).log("a fault of the coordinator");
    } finally {
      asked.remove(host);
    }
  }

  private void read(Agent agent, List<Versioned<CloneRecord>> clones) {
    Map<String, Versioned<CloneRecord>> byVolume =
        clones.stream()
            .collect(
                Collectors.toMap(
                    clone -> clone.value().getAssignment().getVolume(), Function.identity()));
    List<GrowthAsked> questions = clones.stream().map(clone -> question(clone.value())).toList();
    for (GrowthSeen seen : agent.growth(questions)) {
      Versioned<CloneRecord> clone = byVolume.get(seen.volume());
      if (clone != null) {
        record(new CloneCursor(term, clone), seen);
      }
    }
  }

  private static GrowthAsked question(CloneRecord clone) {
    return new GrowthAsked(
        clone.getAssignment().getPool(), clone.getAssignment().getVolume(), Growths.limit(clone));
  }

  private void record(CloneCursor cursor, GrowthSeen seen) {
    if (Growths.isOver(cursor.record(), seen.bytes())) {
      if (cursor.grewOver(seen.volume(), seen.bytes())) {
        log.atWarn()
            .addKeyValue("clone", cursor.key().name())
            .log("{}", cursor.record().getStatus().getFailure().getMessage());
        changed.accept(cursor.key());
      }
    } else if (Growths.isNews(cursor.record(), seen.bytes())) {
      cursor.amend(clone -> read(clone, seen));
    }
  }

  private CloneRecord read(CloneRecord clone, GrowthSeen seen) {
    if (!clone.getAssignment().getVolume().equals(seen.volume())) {
      return clone;
    }
    return Growths.read(clone, seen.bytes(), term.now());
  }
}
