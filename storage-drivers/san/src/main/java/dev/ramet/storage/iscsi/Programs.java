package dev.ramet.storage.iscsi;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The programs of this host. An interface, so that decisions can be tested without them. */
interface Programs {

  /** Whether the program is installed. */
  boolean has(String program);

  /**
   * Runs a program to its end. Where it takes too long, or the thread is interrupted, it is killed.
   *
   * @throws IOException where it cannot be started or took too long
   */
  Completed run(Invocation invocation) throws IOException;

  /**
   * A program and what it gets.
   *
   * @param command program first; everybody on the host can read it
   * @param environment besides PATH and a plain locale
   * @param secret what it reads from its standard input; empty: nothing
   * @param atMost how long it may take
   */
  record Invocation(
      List<String> command,
      Map<String, String> environment,
      Optional<String> secret,
      Duration atMost) {
    public Invocation {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }

    /** With nothing but its arguments. */
    static Invocation of(Duration atMost, String... command) {
      return new Invocation(List.of(command), Map.of(), Optional.empty(), atMost);
    }

    /** Never with the secret. */
    @Override
    public String toString() {
      return String.join(" ", command);
    }
  }

  /**
   * A program that ended.
   *
   * @param exit its exit code
   * @param output what it wrote, errors too
   */
  record Completed(int exit, String output) {
    boolean succeeded() {
      return exit == 0;
    }

    /** The end of what it wrote, in one line. */
    String words() {
      String text = output.strip().replaceAll("\\s*\\n\\s*", "; ");
      return text.substring(Math.max(0, text.length() - 500));
    }
  }
}
