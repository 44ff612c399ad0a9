package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Commands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A log that a server appends to. */
final class LogFile {
  private static final int BLOCK_LINES = 500;
  private static final int TAIL_BLOCK_BYTES = 64 * 1024;

  private final Path file;

  LogFile(Path file) {
    this.file = file;
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
      log.seek(tailLines > 0 ? tailStart(log, tailLines) : 0);
      BufferedReader reader = Commands.reader(Channels.newInputStream(log.getChannel()));
      StringBuilder partial = new StringBuilder();
      while (true) {
        boolean wasAlive = follow && alive.getAsBoolean();
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
      throw new AgentException(AgentError.IO, "cannot read " + file + ": " + e.getMessage(), e);
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

  private static long tailStart(RandomAccessFile log, int tailLines) throws IOException {
    long end = log.length();
    int seen = 0;
    byte[] block = new byte[TAIL_BLOCK_BYTES];
    while (end > 0) {
      int length = (int) Math.min(block.length, end);
      log.seek(end - length);
      log.readFully(block, 0, length);
      for (int i = length - 1; i >= 0; i--) {
        boolean last = end - length + i == log.length() - 1;
        if (block[i] == '\n' && !last && ++seen == tailLines) {
          return end - length + i + 1;
        }
      }
      end -= length;
    }
    return 0;
  }
}
