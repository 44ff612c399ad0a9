package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import dev.ramet.client.RametException;
import dev.ramet.client.Step;
import dev.ramet.client.WaitListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Tells on standard error how far the work is: on a terminal one line that is redrawn, elsewhere a
 * line for each step that ended and, while one lasts, a line now and then.
 */
final class Progress<T> implements WaitListener<T>, AutoCloseable {
  private static final long REDRAW_MILLIS = 250;
  private static final Duration PLAIN_PAUSE = Duration.ofSeconds(10);

  private final PrintStream err;
  private final boolean terminal;
  private final boolean quiet;
  private final String subject;
  private final int width;
  private final Function<? super T, List<Step>> stepsOf;
  private final StepRate rate = new StepRate();
  private final Set<String> told = new HashSet<>();
  private final long begin = System.nanoTime();
  private long lastPlain = begin;
  private String line = "";
  private boolean drawn;
  private boolean closed;
  private boolean outageTold;

  Progress(Session session, String subject, Function<? super T, List<Step>> stepsOf) {
    this.err = session.environment().err();
    this.terminal = session.environment().errTerminal();
    this.quiet = session.options().quiet;
    this.subject = subject;
    this.stepsOf = stepsOf;
    this.width = width(session.environment());
    if (terminal && !quiet) {
      Thread.ofPlatform().daemon().name("progress").start(this::tick);
    }
  }

  private static int width(Environment environment) {
    String columns = environment.variable("COLUMNS", "80");
    return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : 80;
  }

  @Override
  public synchronized void changed(T now) {
    outageTold = false;
    List<Step> steps = stepsOf.apply(now);
    for (Step step : steps) {
      switch (step.state()) {
        case SUCCEEDED, FAILED -> ended(step);
        case RUNNING -> running(step, steps);
        case WAITING, UNKNOWN -> {}
      }
    }
  }

  @Override
  public synchronized void interrupted(RametException cause) {
    if (!outageTold && !quiet) {
      outageTold = true;
      clear();
      println(subject + ": lost the coordinator (" + cause.getMessage() + "); trying again");
    }
  }

  private void ended(Step step) {
    if (told.add(step.name()) && !terminal && !quiet) {
      String bytes = step.bytesDone() > 0 ? ", " + Units.size(step.bytesDone()) : "";
      String word = step.state() == Step.State.FAILED ? " failed after " : " ";
      println(subject + ": " + step.name() + word + Units.elapsed(step.elapsed()) + bytes);
    }
  }

  private void running(Step step, List<Step> steps) {
    int number = steps.indexOf(step) + 1;
    String count = steps.size() > 1 ? " [" + number + "/" + steps.size() + "]" : "";
    line = subject + count + " " + step.name() + rate.of(step, System.nanoTime());
    if (terminal && !quiet) {
      draw();
    } else if (!quiet && System.nanoTime() - lastPlain > PLAIN_PAUSE.toNanos()) {
      lastPlain = System.nanoTime();
      println(line + ", " + elapsed());
    }
  }

  private String elapsed() {
    return Units.elapsed(Duration.ofNanos(System.nanoTime() - begin));
  }

  private void tick() {
    while (true) {
      try {
        Thread.sleep(REDRAW_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      synchronized (this) {
        if (closed) {
          return;
        }
        draw();
      }
    }
  }

  private void draw() {
    if (closed) {
      return;
    }
    String full = (line.isEmpty() ? subject : line) + "  " + elapsed();
    err.print("\r\u001b[K" + (full.length() < width ? full : full.substring(0, width - 1)));
    err.flush();
    drawn = true;
  }

  private void clear() {
    if (drawn) {
      err.print("\r\u001b[K");
      err.flush();
      drawn = false;
    }
  }

  private void println(String text) {
    err.println(text);
    err.flush();
  }

  /** Takes the redrawn line away. */
  @Override
  public synchronized void close() {
    closed = true;
    clear();
  }
}
