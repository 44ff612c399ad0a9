package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.AllRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at one save: its snapshot is made, or goes together with its record. */
final class SaveWorker {
  private static final Logger log = LoggerFactory.getLogger(SaveWorker.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Set<String> ENDED = Set.of("NOT_FOUND", "INSTANCE_NOT_READY");

  private final Term term;
  private final ReconcileSettings settings;

  SaveWorker(Term term, ReconcileSettings settings) {
    this.term = term;
    this.settings = settings;
  }

  Next work(Key<?> key) {
    Optional<Versioned<SaveRecord>> found =
        term.view().get(Keys.save(key.names().get(0), key.names().get(1)));
    if (found.isEmpty()) {
      term.forget(key);
      return Next.whenever();
    }
    SaveRecord save = found.get().value();
    boolean toGo = SaveRecords.isToGo(term.view(), save);
    if (!toGo && (save.getReady() || save.hasFailure())) {
      return Next.whenever();
    }
    String host = save.getHost();
    if (term.isRemoved(host) || !term.isRecorded(host)) {
      return remove(found.get()); // lost together with its host
    }
    Optional<Agent> agent = term.agent(host);
    if (!term.hosts().isAlive(term.view(), host) || agent.isEmpty()) {
      return Next.whenever();
    }
    try {
      return toGo ? drop(found.get(), agent.get()) : make(found.get(), agent.get());
    } catch (AgentException error) {
      return failed(found.get(), toGo, error);
    }
  }

  private Next make(Versioned<SaveRecord> found, Agent agent) {
    SaveRecord save = found.value();
    Observation seen = agent.observe(save.getPool(), save.getVolume(), save.getVolume(), "");
    boolean running =
        seen.instance()
            .map(instance -> instance.condition() == InstanceSeen.Condition.RUNNING)
            .orElse(false);
    if (running) {
      checkpoint(agent, save);
    }
    agent.createSnapshot(save.getPool(), save.getSnapshot(), save.getVolume(), true);
    log.atInfo().addKeyValue("save", SaveRecords.name(term.view(), save)).log("kept");
    return write(
        found, save.toBuilder().setReady(true).setClean(save.getClean() && !running).build());
  }

  /** Makes the recovery of a copy short. A server that ends just now needs none. */
  private void checkpoint(Agent agent, SaveRecord save) {
    try {
      agent.checkpoint(save.getVolume());
    } catch (AgentException error) {
      if (!ENDED.contains(error.fault().code())) {
        throw error;
      }
      log.atInfo()
          .addKeyValue("save", SaveRecords.name(term.view(), save))
          .log("its server has just ended");
    }
  }

  private Next drop(Versioned<SaveRecord> found, Agent agent) {
    if (!found.value().getMeta().hasDeleteTime() && hasOwner(found.value())) {
      return Next.after(PAUSE);
    }
    agent.deleteSnapshot(found.value().getPool(), found.value().getSnapshot());
    return remove(found);
  }

  /** By etcd itself. A clone's record that cannot be read may be its owner's. */
  private boolean hasOwner(SaveRecord save) {
    Optional<CloneRecord> found =
        term.store()
            .get(Keys.clone(save.getClone()))
            .map(Versioned::value)
            .filter(clone -> isOwner(clone, save));
    if (found.isPresent()) {
      return isThere(found.get());
    }
    AllRecords<CloneRecord> all = term.store().all(Kind.CLONE); // it may have been renamed
    return !all.unreadable().isEmpty()
        || all.records().stream()
            .map(Versioned::value)
            .anyMatch(clone -> isOwner(clone, save) && isThere(clone));
  }

  private static boolean isOwner(CloneRecord clone, SaveRecord save) {
    return clone.getMeta().getUid().equals(save.getCloneUid());
  }

  private static boolean isThere(CloneRecord clone) {
    return !clone.getMeta().hasDeleteTime() && CloneRecords.state(clone) != CloneState.FAILED;
  }

  /** What passes is tried again, for as long as a create is; what is refused, is told. */
  private Next failed(Versioned<SaveRecord> found, boolean toGo, AgentException error) {
    term.requireAccepted(error);
    Retries.Trouble trouble = term.retries().failed(found.key(), term.now());
    Duration lasting = Duration.between(trouble.since(), term.now());
    boolean passing =
        error.verdict() != AgentException.Verdict.DEFINITE
            && lasting.compareTo(settings.createPatience()) < 0;
    log.atWarn()
        .addKeyValue("save", SaveRecords.name(term.view(), found.value()))
        .addKeyValue("code", error.fault().code())
        .log(error.fault().message());
    if (toGo || passing) {
      return Next.after(term.retries().backoff(trouble, PAUSE));
    }
    Fault fault = error.fault();
    term.retries().succeeded(found.key());
    return write(found, found.value().toBuilder().setFailure(Failures.message(fault)).build());
  }

  private Next remove(Versioned<SaveRecord> found) {
    return commit(Txn.begin().by(term.leadership()).delete(found));
  }

  private Next write(Versioned<SaveRecord> found, SaveRecord next) {
    return commit(Txn.begin().by(term.leadership()).update(found, next));
  }

  private Next commit(Txn txn) {
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        term.wrote(committed.revision());
        yield Next.whenever();
      }
      case Outcome.Conflict _ -> Next.after(Duration.ofMillis(100));
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }
}
