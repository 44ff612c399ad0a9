package dev.ramet.agent.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * The kernel's table of processes. What a process had in its environment when it was started stays
 * readable there, so that a process can be recognised by whoever did not start it.
 */
public final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  /** In the middle of a system call a process only stops at its end. */
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(5);

  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int START_TICKS = 19;

  private ProcessTable() {}

  /** All processes that this holds for. Cost: proportional to the number of processes. */
  public static List<Long> find(LongPredicate condition) {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path entry : entries) {
        long pid = Long.parseLong(entry.getFileName().toString());
        if (condition.test(pid)) {
          found.add(pid);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("/proc must be readable", e);
    }
    return found;
  }

  /** Its environment as of its start; empty where it is gone. */
  public static Map<String, String> environment(long pid) {
    Map<String, String> environment = new HashMap<>();
    try {
      String content =
          new String(
              Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("environ")),
              StandardCharsets.ISO_8859_1);
      for (String entry : content.split("\0", -1)) {
        int equals = entry.indexOf('=');
        if (equals > 0) {
          environment.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    return environment;
  }

  /** Whether it works in this folder or below. */
  public static boolean worksIn(long pid, Path folder) {
    try {
      return Files.readSymbolicLink(PROC.resolve(Long.toString(pid)).resolve("cwd"))
          .startsWith(folder);
    } catch (IOException e) {
      return false;
    }
  }

  /** When it was started, in ticks since boot: tells it from a later one of the same number. */
  public static OptionalLong startTicks(long pid) {
    List<String> fields = stat(pid);
    return fields.isEmpty() || fields.get(STATE).equals("Z") || fields.get(STATE).equals("X")
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(fields.get(START_TICKS)));
  }

  /** Whether it is there and not just waiting to be collected. */
  public static boolean lives(long pid) {
    return startTicks(pid).isPresent();
  }

  /** The process that started it; 0: gone. */
  public static long parent(long pid) {
    List<String> fields = stat(pid);
    return fields.isEmpty() ? 0 : Long.parseLong(fields.get(PARENT));
  }

  /** Waits until it is gone; false after the timeout. */
  public static boolean awaitEnd(long pid, Duration timeout) throws InterruptedException {
    OptionalLong started = startTicks(pid);
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = 1;
    while (started.isPresent() && startTicks(pid).equals(started)) {
      if (System.nanoTime() >= deadline) {
        return false;
      }
      Thread.sleep(pause);
      pause = Math.min(pause * 2, 20);
    }
    return true;
  }

  /**
   * Kills it and all that it started, so that none can start another; returns when all are gone.
   */
  public static void killTree(long pid) throws InterruptedException {
    Signal.SIGSTOP.send(pid);
    List<Long> all = new ArrayList<>();
    all.add(pid);
    all.addAll(descendants(pid));
    all.forEach(Signal.SIGKILL::send);
    for (long one : all) {
      awaitEnd(one, Duration.ofSeconds(10));
    }
  }

  /**
   * Holds it and all that it started still: first itself, so that it starts no other. Repeat: those
   * that were missed are held too. Returns when it stands still.
   *
   * @return false where it goes on after some seconds, in the middle of a system call
   */
  public static boolean stopTree(long pid) throws InterruptedException {
    Signal.SIGSTOP.send(pid);
    descendants(pid).forEach(Signal.SIGSTOP::send);
    long deadline = System.nanoTime() + STOPS_WITHIN.toNanos();
    while (lives(pid) && !isStopped(pid)) {
      if (System.nanoTime() >= deadline) {
        return false;
      }
      Thread.sleep(2);
    }
    return true;
  }

  /** Lets it and all that it started go on; itself last, so that it looks stopped until all do. */
  public static void continueTree(long pid) {
    descendants(pid).forEach(Signal.SIGCONT::send);
    Signal.SIGCONT.send(pid);
  }

  /** Whether it is held still by a signal. */
  public static boolean isStopped(long pid) {
    List<String> fields = stat(pid);
    return !fields.isEmpty() && fields.get(STATE).equals("T");
  }

  private static List<Long> descendants(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid)
        .toList();
  }

  /** Whether the process's real user is this one; of one that is gone: no. */
  public static boolean belongsTo(long pid, int uid) {
    try (Stream<String> lines = Files.lines(PROC.resolve(Long.toString(pid)).resolve("status"))) {
      return lines.anyMatch(line -> line.startsWith("Uid:\t" + uid + "\t"));
    } catch (IOException | UncheckedIOException e) {
      // It has ended.
      return false;
    }
  }

  /** The fields of {@code /proc/pid/stat} after the program's name, the state first. */
  private static List<String> stat(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    } catch (IOException | RuntimeException e) {
      return List.of();
    }
  }
}
