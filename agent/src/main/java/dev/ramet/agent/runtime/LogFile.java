package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Commands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that a server appends to, and what was moved out of it into a second file when it had grown
 * too big: at most twice the limit in all.
 */
final class LogFile {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogFile.class);
  private static final int BLOCK_LINES = 500;
  private static final int TAIL_BLOCK_BYTES = 64 * 1024;

  private static final Set<StandardOpenOption> COPY =
      EnumSet.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);

  private final Path file;
  private final Path older;

  LogFile(Path file) {
    this.file = file;
    this.older = file.resolveSibling(file.getFileName() + ".1");
  }

  /**
   * Moves its content away where it is bigger than the limit. The server keeps its file open and
   * goes on at the beginning; what it writes in the very moment of the cut may be lost.
   */
  void bound(long limitBytes) {
    try (FileChannel log =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (log.size() <= limitBytes) {
        return;
      }
      Path next = file.resolveSibling(file.getFileName() + ".next");
      try (FileChannel copy = FileChannel.open(next, COPY)) {
        long copied = copy(log, log.size() - limitBytes, copy);
        Files.move(next, older, StandardCopyOption.ATOMIC_MOVE);
        copy(log, copied, copy);
        log.truncate(0);
      }
    } catch (NoSuchFileException e) {
      LOGGER.debug("no log yet: {}", file);
    } catch (IOException e) {
      throw failure("cut", e);
    }
  }

  /** Copies from there to the end; where that is. */
  private static long copy(FileChannel log, long from, FileChannel to) throws IOException {
    long copied = from;
    while (copied < log.size()) {
      copied += log.transferTo(copied, log.size() - copied, to);
    }
    return copied;
  }

  /**
   * Tells the lines from {@code tailLines} back on (0: all).
   *
   * @param alive asked when the end is reached; following ends when this says no
   */
  void read(int tailLines, boolean follow, BooleanSupplier alive, Consumer<List<String>> lines)
      throws InterruptedException {
    if (!Files.exists(file)) {
      return;
    }
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      Tail tail = tailLines > 0 ? tail(log, tailLines) : new Tail(0, 0);
      if (tailLines == 0 || tail.lines() < tailLines) {
        readOlder(tailLines == 0 ? 0 : tailLines - tail.lines(), lines);
      }
      log.seek(tail.start());
      BufferedReader reader = Commands.reader(Channels.newInputStream(log.getChannel()));
      StringBuilder partial = new StringBuilder();
      while (true) {
        boolean wasAlive = follow && alive.getAsBoolean();
        if (log.length() < log.getFilePointer()) {
          log.seek(0); // cut meanwhile
        }
        readToEnd(reader, partial, lines);
        if (!wasAlive) {
          break;
        }
        Thread.sleep(100);
      }
      if (!partial.isEmpty()) {
        lines.accept(List.of(partial.toString()));
      }
    } catch (IOException e) {
      throw failure("read", e);
    }
  }

  private void readOlder(int tailLines, Consumer<List<String>> lines) throws IOException {
    if (!Files.exists(older)) {
      return;
    }
    try (RandomAccessFile log = new RandomAccessFile(older.toFile(), "r")) {
      log.seek(tailLines > 0 ? tail(log, tailLines).start() : 0);
      StringBuilder partial = new StringBuilder();
      readToEnd(Commands.reader(Channels.newInputStream(log.getChannel())), partial, lines);
      if (!partial.isEmpty()) {
        lines.accept(List.of(partial.toString()));
      }
    }
  }

  /** A line whose end is not written yet stays in {@code partial}. */
  private static void readToEnd(
      BufferedReader reader, StringBuilder partial, Consumer<List<String>> lines)
      throws IOException {
    List<String> block = new ArrayList<>();
    for (int character = reader.read(); character >= 0; character = reader.read()) {
      if (character != '\n') {
        partial.append((char) character);
        continue;
      }
      block.add(partial.toString());
      partial.setLength(0);
      if (block.size() == BLOCK_LINES) {
        lines.accept(List.copyOf(block));
        block.clear();
      }
    }
    if (!block.isEmpty()) {
      lines.accept(block);
    }
  }

  /** The last lines of it: where they begin, and how many there are, at most as many as asked. */
  private record Tail(long start, int lines) {}

  private static Tail tail(RandomAccessFile log, int wanted) throws IOException {
    long length = log.length();
    long end = length;
    int seen = 0;
    byte[] block = new byte[TAIL_BLOCK_BYTES];
    while (end > 0) {
      int count = (int) Math.min(block.length, end);
      log.seek(end - count);
      log.readFully(block, 0, count);
      for (int i = count - 1; i >= 0; i--) {
        boolean last = end - count + i == length - 1;
        if (block[i] == '\n' && !last && ++seen == wanted) {
          return new Tail(end - count + i + 1, wanted);
        }
      }
      end -= count;
    }
    return new Tail(0, length == 0 ? 0 : seen + 1);
  }

  private AgentException failure(String verb, IOException cause) {
    return new AgentException(
        AgentError.IO, "cannot %s %s: %s".formatted(verb, file, cause.getMessage()), cause);
  }
}
