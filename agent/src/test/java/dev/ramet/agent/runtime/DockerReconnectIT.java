package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Docker engine that goes away and comes back, played by a relay in front of the real one. */
class DockerReconnectIT {
  @TempDir Path folder;

  @Test
  void aDockerThatWasStartedAnewIsUsedAgainAtOnce() throws Exception {
    Path socket = folder.resolve("docker.sock");
    DockerRuntime docker =
        new DockerRuntime(
            new DockerSettings("it-relay", "unix://" + socket, "", Optional.empty(), List.of()));
    assertThat(docker.report().available()).isFalse();
    assertThatThrownBy(() -> docker.find("x")).hasMessageContaining("Docker does not answer");
    try (Relay _ = new Relay(socket)) {
      assertThat(docker.find("x")).isEmpty();
      assertThat(docker.list()).isEmpty();
    }
    assertThatThrownBy(() -> docker.find("x")).hasMessageContaining("Docker does not answer");
    try (Relay _ = new Relay(socket)) {
      assertThat(docker.find("x")).isEmpty();
    }
    try (Relay _ = new Relay(socket)) {
      // Not asked while it was down: its old connections are dead without anybody knowing.
      assertThat(docker.find("x")).isEmpty();
    }
  }

  private static final class Relay implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel server;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();

    Relay(Path socket) throws IOException {
      this.socket = socket;
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
      try {
        while (true) {
          connect(server.accept());
        }
      } catch (IOException e) {
        // Closed by the test.
        return;
      }
    }

    private void connect(SocketChannel client) throws IOException {
      try {
        SocketChannel docker = SocketChannel.open(UnixDomainSocketAddress.of(LabDocker.socket()));
        open.addAll(List.of(client, docker));
        Thread.ofVirtual().start(() -> pump(client, docker));
        Thread.ofVirtual().start(() -> pump(docker, client));
      } catch (IOException e) {
        // No Docker there: hang up, as one that is being stopped does.
        client.close();
      }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
      try (from;
          to) {
        Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
      } catch (IOException e) {
        // One side went away.
        return;
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (SocketChannel channel : open) {
        channel.close();
      }
      Files.deleteIfExists(socket);
    }
  }
}
