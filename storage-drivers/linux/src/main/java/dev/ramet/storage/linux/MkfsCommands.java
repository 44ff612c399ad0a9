package dev.ramet.storage.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The mkfs programs of e2fsprogs, xfsprogs and btrfs-progs: the one class that starts processes.
 */
public final class MkfsCommands implements Mkfs {
  private static final int MINUTES = 5;
  private static final int SHOWN = 500;

  /** A journal of 64 MiB: each clone writes its own copy of it, once. */
  private static final ByteSize JOURNAL_FROM = ByteSize.ofGibi(2);

  @Override
  public void ext4(Path device, ByteSize size) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-q", "-F", "-b", "4096", "-m", "0"));
    arguments.addAll(
        List.of("-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,packed_meta_blocks=1"));
    if (size.compareTo(JOURNAL_FROM) >= 0) {
      arguments.addAll(List.of("-J", "size=64"));
    }
    run("mkfs.ext4", "e2fsprogs", arguments, device);
  }

  @Override
  public void xfs(Path device) throws IOException {
    run("mkfs.xfs", "xfsprogs", List.of("-q", "-f", "-K", "-m", "reflink=1"), device);
  }

  @Override
  public void btrfs(Path device) throws IOException {
    run("mkfs.btrfs", "btrfs-progs", List.of("-q", "-f", "-K"), device);
  }

  private static void run(String program, String debianPackage, List<String> arguments, Path device)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(find(program, debianPackage).toString());
    command.addAll(arguments);
    command.add(device.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
    try {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        throw new IOException("%s did not end in %d minutes".formatted(program, MINUTES));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(program + " was interrupted", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "%s ended with %d: %s".formatted(program, process.exitValue(), tail(output.join())));
    }
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tail(String output) {
    String text = output.strip().replace('\n', ' ');
    return text.substring(Math.max(0, text.length() - SHOWN));
  }

  private static Path find(String program, String debianPackage) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Arrays.stream(path.split(":")), Stream.of("/usr/sbin", "/sbin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory).resolve(program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new StorageException(
                StorageError.POOL_UNHEALTHY,
                "%s is not installed: install the package %s (apt-get install %s)"
                    .formatted(program, debianPackage, debianPackage)));
  }
}
