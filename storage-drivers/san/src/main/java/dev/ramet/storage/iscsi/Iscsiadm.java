package dev.ramet.storage.iscsi;

import dev.ramet.storage.iscsi.Programs.Completed;
import dev.ramet.storage.iscsi.Programs.Invocation;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code iscsiadm} of open-iscsi: its commands, and what its exit codes mean ({@code
 * include/iscsi_err.h}). Versions before 2.0.873 end with 255 for anything that failed. No secret
 * is ever an argument: see {@link NodeRecords}.
 */
final class Iscsiadm {
  static final String PROGRAM = "iscsiadm";
  private static final int SESSION_EXISTS = 15;
  private static final int NO_DAEMON = 20;
  private static final int NOTHING_FOUND = 21;
  private static final int LOGIN_AUTH_FAILED = 24;
  private static final int ANYTHING = 255;
  private static final Duration AT_MOST = Duration.ofSeconds(20);

  private final Programs programs;

  Iscsiadm(Programs programs) {
    this.programs = programs;
  }

  /** All sessions of this host, whoever made them. */
  List<IscsiSession> sessions() throws IOException {
    Completed listed = run("-m", "session");
    if (listed.succeeded()) {
      return IscsiSession.parse(listed.output());
    }
    if (listed.exit() == NOTHING_FOUND || listed.exit() == ANYTHING) {
      return List.of();
    }
    throw failed("list sessions", listed);
  }

  /** The session with the portal's target. */
  Optional<IscsiSession> session(TargetPortal portal) throws IOException {
    for (IscsiSession session : sessions()) {
      if (session.isWith(portal)) {
        return Optional.of(session);
      }
    }
    return Optional.empty();
  }

  /** Makes a node record of what the configuration has by default; replaces one that is there. */
  void createRecord(TargetPortal portal) throws IOException {
    Completed created = run(node(portal, "-o", "new"));
    if (!created.succeeded()) {
      throw failed("make a node record for " + words(portal), created);
    }
  }

  /** Missing: nothing happens. */
  void deleteRecord(TargetPortal portal) throws IOException {
    Completed deleted = run(node(portal, "-o", "delete"));
    if (!deleted.succeeded() && deleted.exit() != NOTHING_FOUND && deleted.exit() != ANYTHING) {
      throw failed("delete the node record for " + words(portal), deleted);
    }
  }

  /** Logs in, where there is no session yet: the target decides which of two logins is first. */
  IscsiSession login(TargetPortal portal) throws IOException {
    Optional<IscsiSession> existing = session(portal);
    if (existing.isPresent()) {
      return existing.get();
    }
    Completed login = run(node(portal, "--login"));
    if (login.succeeded() || login.exit() == SESSION_EXISTS || login.exit() == ANYTHING) {
      Optional<IscsiSession> made = session(portal);
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw failed(
        "log in to " + words(portal) + (login.exit() == LOGIN_AUTH_FAILED ? ": CHAP refused" : ""),
        login);
  }

  /** Over by now: nothing happens. */
  void logout(IscsiSession session) throws IOException {
    Completed logout = run("-m", "session", "-r", String.valueOf(session.number()), "--logout");
    if (!logout.succeeded() && sessions().contains(session)) {
      throw failed("log out of %s at %s".formatted(session.iqn(), session.address()), logout);
    }
  }

  private static String words(TargetPortal portal) {
    return "%s at %s".formatted(portal.iqn(), portal.address());
  }

  private static String[] node(TargetPortal portal, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("-m", "node", "-T", portal.iqn(), "-p", portal.address()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private Completed run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(List.of(arguments));
    return programs.run(Invocation.of(AT_MOST, command.toArray(String[]::new)));
  }

  private static IOException failed(String doing, Completed completed) {
    String hint =
        completed.exit() == NO_DAEMON ? "; start its daemon (systemctl start iscsid)" : "";
    return new IOException(
        "iscsiadm cannot %s (exit code %d): %s%s"
            .formatted(doing, completed.exit(), completed.words(), hint));
  }
}
