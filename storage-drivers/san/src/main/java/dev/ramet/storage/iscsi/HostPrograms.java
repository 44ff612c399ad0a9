package dev.ramet.storage.iscsi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts programs: the one class that starts processes. */
final class HostPrograms implements Programs {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final File NOTHING = new File("/dev/null");

  /** A daemon that a program leaves behind may keep its output open. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  @Override
  public boolean has(String program) {
    return Arrays.stream(PATH.split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  @Override
  public Completed run(Invocation invocation) throws IOException {
    Process process = builder(invocation).start();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Thread reader = Thread.ofPlatform().daemon().start(() -> copy(process, output));
    try {
      if (invocation.secret().isPresent()) {
        try (OutputStream in = process.getOutputStream()) {
          in.write(invocation.secret().get().getBytes(UTF_8));
        }
      }
      if (!process.waitFor(invocation.atMost().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "%s did not end within %d s"
                .formatted(invocation.command().getFirst(), invocation.atMost().toSeconds()));
      }
      reader.join(LAST_WORDS);
      return new Completed(process.exitValue(), words(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(invocation.command().getFirst() + " was interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static ProcessBuilder builder(Invocation invocation) {
    ProcessBuilder builder =
        new ProcessBuilder(invocation.command()).redirectErrorStream(true).directory(new File("/"));
    if (invocation.secret().isEmpty()) {
      builder.redirectInput(NOTHING);
    }
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", PATH);
    environment.put("LC_ALL", "C");
    environment.putAll(invocation.environment());
    return builder;
  }

  private static void copy(Process process, ByteArrayOutputStream output) {
    byte[] some = new byte[4096];
    try {
      for (int count; (count = process.getInputStream().read(some)) > 0; ) {
        synchronized (output) {
          output.write(some, 0, count);
        }
      }
    } catch (IOException e) {
      return; // it was killed: what it said until then is there
    }
  }

  private static String words(ByteArrayOutputStream output) {
    synchronized (output) {
      return output.toString(UTF_8);
    }
  }
}
