package dev.ramet.cli;

import dev.ramet.client.Pending;
import dev.ramet.client.Step;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** Waits for work with progress shown, and has a word for who presses Ctrl-C meanwhile. */
final class Waiting {
  private Waiting() {}

  /**
   * @param subject what progress lines begin with: {@code clone fix-1}
   * @param goesOn what the server does although nobody waits, and how to look at it
   */
  static <T> T await(
      Session session,
      Pending<T> pending,
      Duration timeout,
      String subject,
      Function<? super T, List<Step>> steps,
      String goesOn) {
    try (LeavingHook _ = LeavingHook.of(() -> leave(session, goesOn));
        Progress<T> progress = new Progress<>(session, subject, steps)) {
      return pending.await(session.timeout(timeout), progress);
    }
  }

  private static void leave(Session session, String goesOn) {
    String newLine = session.environment().errTerminal() ? "\n" : "";
    session.note(newLine + "ramet: interrupted; " + goesOn);
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED.status());
  }
}
