package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A named pipe in the volume, through which psql reads a dump that is unpacked on the way. It works
 * alike for a process and for a container, where a standard input cannot be ended from outside.
 */
final class SqlPipe implements AutoCloseable {
  private final Path pipe;
  private final Thread feeder;

  private SqlPipe(Path pipe, Thread feeder) {
    this.pipe = pipe;
    this.feeder = feeder;
  }

  /** Makes the pipe, and feeds it as soon as somebody reads it. */
  static SqlPipe open(Path pipe, Identity reader, InputStream content)
      throws IOException, InterruptedException {
    Files.deleteIfExists(pipe);
    Completed made =
        Commands.run(Command.of("mkfifo", "--mode=600", pipe.toString()), Duration.ofSeconds(10));
    if (!made.ok()) {
      throw new AgentException(
          AgentError.IO, "cannot make %s: %s".formatted(pipe, made.output()), made.output());
    }
    VolumeLayout.own(pipe, reader);
    // A platform thread: opening a pipe blocks in the kernel until the other end is opened, too.
    Thread feeder = Thread.ofPlatform().daemon().name("sql-pipe").start(() -> feed(pipe, content));
    return new SqlPipe(pipe, feeder);
  }

  /** Ends the feeding, wherever it is, when nobody reads any more. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    while (feeder.isAlive()) {
      try (RandomAccessFile both = new RandomAccessFile(pipe.toFile(), "rw")) {
        // Wakes a feeder that waits for a reader; closing this end breaks its pipe.
        feeder.join(Duration.ofMillis(1));
        interrupted |= both.length() < 0;
      } catch (IOException e) {
        throw VolumeLayout.failure("open", pipe, e);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void feed(Path pipe, InputStream content) {
    try (OutputStream sink = Files.newOutputStream(pipe)) {
      content.transferTo(sink);
    } catch (IOException e) {
      // Either the reader went away, and its exit code and words tell why; or the content is
      // damaged, and it remembers that.
      return;
    }
  }
}
