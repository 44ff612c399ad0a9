package dev.ramet.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The control sockets of a user's proxies: {@code PORT.sock} in {@code $XDG_RUNTIME_DIR/ramet}, or
 * {@code ~/.config/ramet/run}, a folder of its owner alone. One question and one answer for each
 * connection, each one line with tabs between its words.
 *
 * <p>A proxy that was killed leaves its socket: nobody takes a connection there, so it is removed.
 */
final class ProxySockets {
  private static final int LONGEST_LINE = 4096;
  private static final String SUFFIX = ".sock";
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Path directory;

  /** A proxy that answers. */
  record Running(int port, String address, String target, int connections) {}

  private ProxySockets(Path directory) {
    this.directory = directory;
  }

  static ProxySockets of(Environment environment) {
    String runtime = environment.variable("XDG_RUNTIME_DIR", "");
    return new ProxySockets(
        runtime.isEmpty()
            ? Contexts.of(environment).file().resolveSibling("run")
            : Path.of(runtime, "ramet"));
  }

  /** Listens on the socket of a port; a stale one is replaced. */
  ServerSocketChannel listen(int port) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    requirePrivate();
    Path socket = socket(port);
    if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      if (isAlive(socket)) {
        throw new IOException("a proxy of that port runs already, see ramet proxy ls");
      }
      Files.deleteIfExists(socket);
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      return server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void requirePrivate() throws IOException {
    boolean shared =
        Files.getPosixFilePermissions(directory).stream()
            .anyMatch(permission -> !permission.name().startsWith("OWNER_"));
    if (shared) {
      throw new IOException(directory + " is open to others: chmod 700 it");
    }
  }

  void remove(int port) throws IOException {
    Files.deleteIfExists(socket(port));
  }

  private Path socket(int port) {
    return directory.resolve(port + SUFFIX);
  }

  private static boolean isAlive(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false; // refused: nobody listens there any more
    }
  }

  /** All that answer, by port. Sockets of proxies that were killed are removed. */
  List<Running> running() {
    List<Running> running = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path socket : sockets) {
        String name = socket.getFileName().toString();
        int port = Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
        if (isAlive(socket)) {
          List<String> words = ask(port, ProxyControl.STATUS);
          running.add(
              new Running(port, words.get(0), words.get(1), Integer.parseInt(words.get(2))));
        } else {
          Files.deleteIfExists(socket);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // no proxy ever ran
    } catch (IOException | NumberFormatException e) {
      throw new CommandException(
          ExitCode.FAILED, "cannot read " + directory + " (" + e.getMessage() + ")");
    }
    running.sort(Comparator.comparingInt(Running::port));
    return running;
  }

  /** What the proxy answers; its refusal is thrown with its exit code. */
  List<String> ask(int port, String... question) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread asking = Thread.ofVirtual().start(() -> exchange(port, question, answer));
    try {
      List<String> words =
          List.of(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).split("\t", -1));
      if (words.getFirst().equals(ProxyControl.FAILED)) {
        throw new CommandException(ExitCode.valueOf(words.get(1)), words.get(2));
      }
      return words.subList(1, words.size());
    } catch (TimeoutException e) {
      throw noAnswer(port, "it took too long");
    } catch (ExecutionException e) {
      throw noAnswer(port, reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    } finally {
      asking.interrupt(); // closes its socket
    }
  }

  private static String reason(ExecutionException error) {
    Throwable cause = error.getCause();
    return String.valueOf((cause == null ? error : cause).getMessage());
  }

  private void exchange(int port, String[] question, CompletableFuture<String> answer) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket(port)))) {
      writeLine(channel, question);
      answer.complete(readLine(channel));
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  private static CommandException noAnswer(int port, String why) {
    return new CommandException(
        ExitCode.UNAVAILABLE, "the proxy on port " + port + " does not answer (" + why + ")");
  }

  static void writeLine(SocketChannel channel, String... words) throws IOException {
    String line = String.join("\t", words).replace('\n', ' ') + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int written = channel.write(bytes);
      assert written >= 0;
    }
  }

  static String readLine(SocketChannel channel) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(LONGEST_LINE);
    while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
      if (!line.hasRemaining() || channel.read(line) < 0) {
        throw new IOException("it broke off");
      }
    }
    return new String(line.array(), 0, line.position() - 1, StandardCharsets.UTF_8);
  }
}
