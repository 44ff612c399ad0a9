package dev.ramet.storage.testkit;

import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads and writes an array's volume as a host does, by a session of its own: qemu-io (package
 * qemu-utils, with qemu-block-extra).
 */
public final class LunClient implements AutoCloseable {
  private static final int BLOCK = 4096;
  private static final int SECONDS = 5;

  private final Process process;
  private final BufferedReader output;

  private LunClient(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Logs in.
   *
   * @param chap what is shown, whatever the address says
   */
  public static LunClient open(LunAddress address, String initiator, Chap chap) {
    TargetPortal portal = address.portals().getFirst();
    try {
      Path secret = Files.createTempFile("chap", "");
      Files.writeString(secret, chap.secret());
      String options =
          "driver=iscsi,transport=tcp,portal=%s,target=%s,lun=%d,initiator-name=%s,user=%s,password-secret=chap,timeout=3"
              .formatted(portal.address(), portal.iqn(), address.lun(), initiator, chap.user());
      List<String> command =
          List.of(
              "qemu-io",
              "--object",
              "secret,id=chap,file=" + secret,
              "-t",
              "none",
              "--image-opts",
              options);
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      LunClient client = new LunClient(process);
      try {
        client.ask("length");
      } finally {
        Files.delete(secret);
      }
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "qemu-io cannot be started: install qemu-utils and qemu-block-extra", e);
    }
  }

  /** Fills a block with one byte, durably. */
  public void fill(int block, int value) {
    ask("write -f -P %d %d %d".formatted(value, (long) block * BLOCK, BLOCK));
  }

  /** Refuses a block that holds anything else. */
  public void require(int block, int value) {
    ask("read -P %d %d %d".formatted(value, (long) block * BLOCK, BLOCK));
  }

  private void ask(String command) {
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(command).append('\n').flush();
      String answer =
          CompletableFuture.supplyAsync(this::answer, Thread::startVirtualThread)
              .get(SECONDS, TimeUnit.SECONDS);
      if (answer.contains("failed") || answer.contains("rror") || answer.isBlank()) {
        throw new IllegalStateException("%s: %s".formatted(command, answer));
      }
    } catch (IOException | ExecutionException e) {
      throw new IllegalStateException(command + ": " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException(command + ": no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Up to the next line that ends an answer; empty where there is none. */
  private String answer() {
    StringBuilder all = new StringBuilder();
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        all.append(line.replace("qemu-io> ", "")).append('\n');
        if (line.matches(".*(bytes at offset|iB$|failed|rror|[0-9] bytes).*")) {
          return all.toString();
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "failed: " + all;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
