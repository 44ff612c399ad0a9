package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.ConnectionSeen;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asked before somebody's clone is stopped, reset or deleted without force. */
final class CloneGuard {
  private static final Logger log = LoggerFactory.getLogger(CloneGuard.class);

  /** A connection that was just closed is still shown for a moment. */
  private static final Duration CLOSING = Duration.ofMillis(200);

  private final Records records;
  private final Agents agents;
  private final LifetimePolicy policy;

  CloneGuard(Records records, Agents agents, LifetimePolicy policy) {
    this.records = records;
    this.agents = agents;
    this.policy = policy;
  }

  /** Refused with CLONE_PROTECTED or CLONE_IN_USE where it would hurt somebody. */
  void require(CloneRecord clone, boolean force, String doing) {
    if (force) {
      return;
    }
    requireUnprotected(clone, false, doing);
    String name = clone.getMeta().getName();
    Instant now = records.now();
    if (CloneRecords.state(clone) != CloneState.READY || users(clone, now).isEmpty()) {
      return;
    }
    pause();
    List<String> users = users(clone, records.now());
    if (!users.isEmpty()) {
      throw ErrorCode.CLONE_IN_USE.exception(
          "clone %s is in use by %s, so it is not %s: have them disconnect, or use force"
              .formatted(name, Rejections.listed(users, ""), doing));
    }
  }

  /**
   * Refused with CLONE_PROTECTED. To be asked again of the very record that is written: somebody
   * may have protected it since {@link #require} looked.
   */
  void requireUnprotected(CloneRecord clone, boolean force, String doing) {
    Instant now = records.now();
    if (!force && Lifetimes.isProtected(clone, now)) {
      String name = clone.getMeta().getName();
      throw ErrorCode.CLONE_PROTECTED.exception(
          "clone %s is protected until %s, so it is not %s: end that with ramet clone protect %s --off, or use force"
              .formatted(name, Lifetimes.protectedUntil(clone).orElse(now), doing, name));
    }
  }

  private static void pause() {
    try {
      Thread.sleep(CLOSING);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Who used it in the last minutes and is still connected; nobody, where that cannot be asked. */
  private List<String> users(CloneRecord clone, Instant now) {
    try {
      return agents
          .find(records.view(), clone.getAssignment().getHost())
          .map(agent -> agent.activity(clone.getAssignment().getVolume()).connections())
          .orElse(List.of())
          .stream()
          .filter(connection -> isRecent(connection, now))
          .map(CloneGuard::words)
          .distinct()
          .toList();
    } catch (AgentException unknown) {
      log.atDebug()
          .addKeyValue("clone", clone.getMeta().getName())
          .log("who uses it is not known: {}", unknown.fault().message());
      return List.of();
    }
  }

  private boolean isRecent(ConnectionSeen connection, Instant now) {
    boolean active = connection.state().equals("active");
    Instant last = connection.lastQuery().orElse(connection.since());
    return active || last.plus(policy.inUseWithin()).isAfter(now);
  }

  private static String words(ConnectionSeen connection) {
    String from = connection.client().isEmpty() ? "its host" : connection.client();
    return connection.application().isEmpty()
        ? connection.user() + " from " + from
        : "%s (%s) from %s".formatted(connection.user(), connection.application(), from);
  }
}
