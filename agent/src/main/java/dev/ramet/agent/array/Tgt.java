package dev.ramet.agent.array;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.storage.san.Chap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The user-space target daemon of the Linux SCSI target framework, by its tool, tgtadm(8). What it
 * exports is in its memory only.
 */
final class Tgt {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration COMES_UP = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final String LUN = "1";

  /** tgtadm's exit code where no daemon listens: ENOTCONN. */
  private static final int NO_DAEMON = 107;

  private final int control;
  private final List<String> portals;
  private final Path log;

  /**
   * @param log where a daemon that is started here writes
   */
  Tgt(int control, List<String> portals, Path log) {
    this.control = control;
    this.portals = List.copyOf(portals);
    this.log = log;
  }

  /**
   * Starts the daemon where none runs, in a session of its own: it outlives the agent, as sessions
   * of other hosts hang on it.
   */
  synchronized void ensureRunning() throws InterruptedException {
    if (run("--mode", "target", "--op", "show").exitCode() == NO_DAEMON) {
      start();
    }
    for (String portal : portals) {
      if (!listensOn(portal)) {
        require("--mode", "portal", "--op", "new", "--param", "portal=" + portal);
      }
    }
  }

  /** As it is printed: "Portal: 10.0.0.5:3260,1". */
  private boolean listensOn(String portal) throws InterruptedException {
    return run("--mode", "portal", "--op", "show").output().stream()
        .anyMatch(line -> line.contains(" " + portal + ","));
  }

  boolean isRunning() throws InterruptedException {
    return run("--mode", "target", "--op", "show").ok();
  }

  private void start() throws InterruptedException {
    String[] daemon = {"setsid", "tgtd", "-f", "-C", Integer.toString(control)};
    List<String> command = new ArrayList<>(List.of(daemon));
    command.addAll(List.of("--iscsi", "portal=" + portals.getFirst()));
    Process process = Commands.startLogging(new Command(command, Map.of()), log);
    long until = System.nanoTime() + COMES_UP.toNanos();
    while (!listensOn(portals.getFirst())) {
      if (!process.isAlive() || System.nanoTime() > until) {
        process.destroyForcibly();
        throw new AgentException(
            AgentError.POOL_UNHEALTHY,
            "the target daemon (tgtd) does not come up; is the package tgt installed, and %s free? See %s"
                .formatted(portals.getFirst(), log));
      }
      Thread.sleep(PAUSE);
    }
  }

  /** "tgt 1.0.85". */
  String version() throws InterruptedException {
    return "tgt "
        + String.join(" ", Commands.run(Command.of("tgtd", "--version"), SOON).output()).strip();
  }

  TgtTargets show() throws InterruptedException {
    return TgtTargets.parse(require("--mode", "target", "--op", "show").output());
  }

  /**
   * A target with one logical unit that nobody may use yet.
   *
   * @param wwid 32 hexadecimal digits, the first a 6: becomes the unit's NAA designator (page 0x83)
   */
  void create(int tid, String iqn, Path file, String wwid) throws InterruptedException {
    try {
      make(tid, iqn, file, wwid);
    } catch (AgentException e) {
      run(target(tid, "--op", "delete", "--force"));
      throw e;
    }
  }

  private void make(int tid, String iqn, Path file, String wwid) throws InterruptedException {
    String number = Integer.toString(tid);
    require("--mode", "target", "--op", "new", "--tid", number, "--targetname", iqn);
    String[] unit = {"--mode", "logicalunit", "--tid", number, "--lun", LUN};
    require(unit, "--op", "new", "--backing-store", file.toString());
    String names = "vendor_id=RAMET,product_id=LINUX-TARGET,scsi_sn=" + wwid + ",scsi_id=" + wwid;
    require(unit, "--op", "update", "--params", names);
  }

  void allow(int tid, String initiator) throws InterruptedException {
    require(target(tid), "--op", "bind", "--initiator-name", initiator);
  }

  void forbid(int tid, String initiator) throws InterruptedException {
    require(target(tid), "--op", "unbind", "--initiator-name", initiator);
  }

  /** Asks for the end of one connection; it may have ended by itself: look again. */
  void cut(int tid, int session, int connection) throws InterruptedException {
    run(
        "--mode",
        "conn",
        "--op",
        "delete",
        "--tid",
        Integer.toString(tid),
        "--sid",
        Integer.toString(session),
        "--cid",
        Integer.toString(connection));
  }

  /** False where commands are under way still. */
  boolean delete(int tid) throws InterruptedException {
    return run(target(tid, "--op", "delete", "--force")).ok();
  }

  /** The account as it is wanted: one that is there is replaced, and loses its targets. */
  void replaceAccount(Chap chap) throws InterruptedException {
    run("--mode", "account", "--op", "delete", "--user", chap.user());
    require("--mode", "account", "--op", "new", "--user", chap.user(), "--password", chap.secret());
  }

  List<String> accounts() throws InterruptedException {
    return require("--mode", "account", "--op", "show").output().stream()
        .skip(1)
        .map(String::strip)
        .toList();
  }

  void bindAccount(int tid, String user, boolean outgoing) throws InterruptedException {
    List<String> account = new ArrayList<>(List.of("--mode", "account", "--op", "bind"));
    account.addAll(List.of("--tid", Integer.toString(tid), "--user", user));
    if (outgoing) {
      account.add("--outgoing");
    }
    require(account.toArray(String[]::new));
  }

  private static String[] target(int tid, String... then) {
    List<String> all = new ArrayList<>(List.of(target(tid)));
    all.addAll(List.of(then));
    return all.toArray(String[]::new);
  }

  private static String[] target(int tid) {
    return new String[] {"--mode", "target", "--tid", Integer.toString(tid)};
  }

  private Completed require(String[] first, String... then) throws InterruptedException {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(then));
    return require(all.toArray(String[]::new));
  }

  private Completed require(String... arguments) throws InterruptedException {
    Completed done = run(arguments);
    if (!done.ok()) {
      throw new AgentException(
          AgentError.DEVICE,
          "the target daemon refuses '%s %s' with %d: %s"
              .formatted(
                  arguments[1], arguments[3], done.exitCode(), String.join("; ", done.output())));
    }
    return done;
  }

  private Completed run(String... arguments) throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("tgtadm", "--control-port", Integer.toString(control), "--lld", "iscsi"));
    command.addAll(List.of(arguments));
    return Commands.run(new Command(command, Map.of()), SOON);
  }
}
