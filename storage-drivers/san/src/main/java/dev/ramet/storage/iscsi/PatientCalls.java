package dev.ramet.storage.iscsi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * System calls that wait for a disk, and would wait for ever for one that never answers again: no
 * signal ends such a wait. They may take as long as they want while the disk completes anything.
 */
final class PatientCalls {
  private static final Path BLOCK_DEVICES = Path.of("/sys/dev/block");
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration FAILING = Duration.ofSeconds(5);

  /** Reads, writes, discards and flushes completed (Documentation/block/stat.rst). */
  private static final int[] COMPLETED = {0, 4, 11, 15};

  private final Duration patience;

  /**
   * @param patience how long a device may complete nothing while it is waited for
   */
  PatientCalls(Duration patience) {
    this.patience = patience;
  }

  /** A call without an answer. */
  @FunctionalInterface
  interface Call {
    void run() throws IOException;
  }

  /**
   * Runs the call on a thread of its own. Where its device stands still, it is severed, so that the
   * call fails; a call that waits even then is left behind.
   *
   * @param doing as it stands after "while": "flushing volume app.3"
   * @param number of the device, "7:3"
   * @param sever lets all that waits for the device fail
   * @throws StalledException where the device stood still
   */
  void run(String doing, String number, Call call, Call sever) throws IOException {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name(doing).start(() -> complete(end, call));
    long completed = completed(number);
    long since = System.nanoTime();
    while (!ended(end, LOOK)) {
      long now = completed(number);
      if (now != completed) {
        completed = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.toNanos()) {
        sever.run();
        boolean failed = endedSomehow(end);
        throw new StalledException(
            "the LUN did not answer for %d s while %s%s"
                .formatted(
                    patience.toSeconds(),
                    doing,
                    failed ? "" : ", and what waits for it still does"));
      }
    }
  }

  private static void complete(CompletableFuture<Void> end, Call call) {
    try {
      call.run();
      end.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      end.completeExceptionally(e);
    }
  }

  /** Throws what the call threw. */
  private static boolean ended(CompletableFuture<Void> end, Duration atMost) throws IOException {
    try {
      end.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw rethrown(e);
    }
  }

  private static IOException rethrown(ExecutionException e) {
    return switch (e.getCause()) {
      case IOException io -> new IOException(io.getMessage(), io);
      case RuntimeException unexpected -> throw unexpected;
      case Error fatal -> throw fatal;
      case null, default -> throw new CompletionException(e);
    };
  }

  private static boolean endedSomehow(CompletableFuture<Void> end) {
    try {
      return ended(end, FAILING);
    } catch (IOException e) {
      return true; // as it should: it was severed
    }
  }

  private static long completed(String number) throws IOException {
    try {
      String[] fields =
          Files.readString(BLOCK_DEVICES.resolve(number).resolve("stat")).strip().split(" +", -1);
      long sum = 0;
      for (int field : COMPLETED) {
        sum += field < fields.length ? Long.parseLong(fields[field]) : 0;
      }
      return sum;
    } catch (NoSuchFileException e) {
      return 0; // the device is gone
    }
  }
}
