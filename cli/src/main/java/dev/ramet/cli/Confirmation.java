package dev.ramet.cli;

import dev.ramet.client.RametException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * What might hurt somebody is refused by the server unless it is forced. On a terminal its user is
 * asked then; a script gets the refusal, with an exit code of its own kind.
 */
final class Confirmation {
  private static final Set<String> ASKED = Set.of("CLONE_PROTECTED", "CLONE_IN_USE");

  private Confirmation() {}

  /**
   * Does it without force, and with force where the user says so.
   *
   * @param force the user said so already
   * @param work given whether to force
   */
  static <T> T ask(Session session, boolean force, Function<Boolean, T> work) {
    try {
      return work.apply(force);
    } catch (RametException refusal) {
      if (force || !ASKED.contains(refusal.code()) || !confirmed(session, refusal)) {
        throw refusal;
      }
      return work.apply(true);
    }
  }

  private static boolean confirmed(Session session, RametException refusal) {
    Environment environment = session.environment();
    if (!environment.inTerminal() || !environment.errTerminal()) {
      return false;
    }
    environment.err().print(Cli.oneLine(refusal.getMessage()) + "; do it all the same? [y/N] ");
    environment.err().flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(environment.in(), StandardCharsets.UTF_8))
              .readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
