package dev.ramet.agent.array;

import dev.ramet.agent.array.TgtTargets.Connection;
import dev.ramet.agent.array.TgtTargets.Shown;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings who may use which volume, which {@link ExportFiles} keep, to the target daemon, and again
 * whenever that has forgotten it. A target for each volume, so that access to one gives none to
 * another.
 */
final class Exports {
  private static final Logger LOG = LoggerFactory.getLogger(Exports.class);
  private static final String BASE = "iqn.2026-11.dev.ramet:";
  private static final int LUN = 1;
  private static final int WWID_DIGITS = 31;

  /** Commands that are under way are done, or given up, within this. */
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final TargetSettings settings;
  private final ExportFiles files;
  private final Tgt tgt;
  private final Function<VolumeId, Path> content;

  /**
   * @param content where a volume's content is
   */
  Exports(TargetSettings settings, ExportFiles files, Tgt tgt, Function<VolumeId, Path> content) {
    this.settings = settings;
    this.files = files;
    this.tgt = tgt;
    this.content = content;
  }

  /** Who may use the volume. */
  List<Access> of(VolumeId id) {
    return files.of(id);
  }

  /** Repeat: the same address, and the secrets given last. */
  synchronized LunAddress grant(VolumeId id, Access access) throws InterruptedException {
    tgt.ensureRunning();
    for (Chap chap : access.chaps()) {
      if (files.known(chap.user()).filter(known -> !known.equals(chap)).isPresent()) {
        files.change(chap);
      }
    }
    List<Access> all = new ArrayList<>(files.of(id));
    all.removeIf(old -> old.iqn().equals(access.iqn()));
    all.add(access);
    files.write(id, all);
    renewStaleAccounts();
    export(id, all, tgt.show());
    return address(id, access);
  }

  /** When it returns, no session of the initiator is left, and it gets no new one. */
  synchronized void revoke(VolumeId id, String iqn) throws InterruptedException {
    List<Access> left = files.of(id).stream().filter(access -> !access.iqn().equals(iqn)).toList();
    files.write(id, left);
    tgt.ensureRunning();
    shutOut(name(id), iqn);
    if (left.isEmpty()) {
      remove(name(id));
    }
  }

  /**
   * Exports anew what the daemon has forgotten, and ends what it has and nobody may use; cheap
   * where all is as it should be. What cannot be restored keeps nothing else from being so.
   */
  synchronized void restore() throws InterruptedException {
    List<VolumeId> volumes = files.volumes();
    if (volumes.isEmpty() && !tgt.isRunning()) {
      return;
    }
    tgt.ensureRunning();
    renewStaleAccounts();
    Set<String> wanted = new HashSet<>();
    for (VolumeId id : volumes) {
      wanted.add(name(id));
      try {
        restore(id);
      } catch (AgentException e) {
        LOG.atWarn().addKeyValue("volume", id).log("not exported: {}", e.getMessage());
      }
    }
    for (String target : tgt.show().byName().keySet()) {
      if (target.startsWith(BASE + settings.host() + ":") && !wanted.contains(target)) {
        remove(target);
      }
    }
  }

  private void restore(VolumeId id) throws InterruptedException {
    List<Access> all = files.of(id);
    TgtTargets shown = tgt.show();
    Optional<Shown> target = shown.find(name(id));
    if (target.filter(found -> isComplete(id, found, all)).isEmpty()) {
      export(id, all, shown);
    }
    Set<String> initiators = new HashSet<>();
    all.forEach(access -> initiators.add(access.iqn()));
    for (String iqn : target.map(Shown::initiators).orElse(Set.of())) {
      if (!initiators.contains(iqn)) {
        shutOut(name(id), iqn);
      }
    }
  }

  private boolean isComplete(VolumeId id, Shown target, List<Access> all) {
    return target.wwid().equals(wwid(id))
        && all.stream().allMatch(access -> target.initiators().contains(access.iqn()))
        && all.stream()
            .flatMap(access -> access.chaps().stream())
            .allMatch(chap -> target.accounts().contains(chap.user()));
  }

  private void export(VolumeId id, List<Access> all, TgtTargets shown) throws InterruptedException {
    Shown target = shown.find(name(id)).orElse(null);
    if (target != null && !target.wwid().equals(wwid(id))) {
      remove(name(id)); // its making was cut short
      target = null;
    }
    int tid = target == null ? shown.freeNumber() : target.tid();
    if (target == null) {
      tgt.create(tid, name(id), content.apply(id), wwid(id));
    }
    Set<String> bound = target == null ? Set.of() : target.accounts();
    for (Access access : all) {
      bindAccounts(tid, bound, access);
    }
    for (Access access : all) {
      if (target == null || !target.initiators().contains(access.iqn())) {
        tgt.allow(tid, access.iqn());
      }
    }
  }

  private void bindAccounts(int tid, Set<String> bound, Access access) throws InterruptedException {
    for (Chap chap : access.chaps()) {
      if (!tgt.accounts().contains(chap.user())) {
        tgt.replaceAccount(chap);
      } else if (bound.contains(chap.user())) {
        continue;
      }
      tgt.bindAccount(tid, chap.user(), chap.equals(access.targetChap()));
    }
  }

  /** An account that is replaced loses its targets: they are bound to it anew. */
  private void renewStaleAccounts() throws InterruptedException {
    List<String> stale = files.stale();
    for (String user : stale) {
      Optional<Chap> chap = files.known(user);
      if (chap.isPresent()) {
        tgt.replaceAccount(chap.get());
      }
    }
    if (!stale.isEmpty()) {
      TgtTargets shown = tgt.show();
      for (VolumeId id : files.volumes()) {
        Optional<Shown> target = shown.find(name(id));
        if (target.isPresent()) {
          for (Access access : files.of(id)) {
            bindAccounts(target.get().tid(), target.get().accounts(), access);
          }
        }
      }
      files.renewed();
    }
  }

  /**
   * Lets it in no more, then cuts its connections until none is left: it may have come in between.
   */
  private void shutOut(String name, String iqn) throws InterruptedException {
    long until = System.nanoTime() + ENDS_WITHIN.toNanos();
    while (true) {
      Shown target = tgt.show().find(name).orElse(null);
      if (target == null) {
        return;
      }
      if (target.initiators().contains(iqn)) {
        tgt.forbid(target.tid(), iqn);
        continue;
      }
      List<Connection> left =
          target.connections().stream().filter(one -> one.initiator().equals(iqn)).toList();
      if (left.isEmpty()) {
        return;
      }
      requireTime(until, "sessions of %s with %s do not end".formatted(iqn, name));
      for (Connection connection : left) {
        tgt.cut(target.tid(), connection.session(), connection.number());
      }
      Thread.sleep(PAUSE);
    }
  }

  /** With all who use it; what they have under way comes to its end first. */
  private void remove(String name) throws InterruptedException {
    long until = System.nanoTime() + ENDS_WITHIN.toNanos();
    while (true) {
      Shown target = tgt.show().find(name).orElse(null);
      if (target == null) {
        return;
      }
      for (String iqn : target.initiators()) {
        shutOut(name, iqn);
      }
      if (!tgt.delete(target.tid())) {
        requireTime(until, "commands on %s do not come to an end".formatted(name));
        Thread.sleep(PAUSE);
      }
    }
  }

  private static void requireTime(long until, String what) {
    if (System.nanoTime() > until) {
      throw new AgentException(
          AgentError.DEVICE, what + ": try again, or restart the target daemon");
    }
  }

  private LunAddress address(VolumeId id, Access access) {
    return new LunAddress(
        settings.portals().stream().map(portal -> new TargetPortal(portal, name(id))).toList(),
        LUN,
        "naa." + wwid(id),
        access.chap(),
        access.targetChap());
  }

  private String name(VolumeId id) {
    return BASE + settings.host() + ":" + id.value();
  }

  /** NAA 6 with digits that follow from the name: the same after every restart. */
  private String wwid(VolumeId id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name(id).getBytes(StandardCharsets.UTF_8));
      return "6" + HexFormat.of().formatHex(digest).substring(0, WWID_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
