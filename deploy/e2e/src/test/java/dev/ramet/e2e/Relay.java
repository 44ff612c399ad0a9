package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of a server, on TCP or a Unix socket, and passes everything on until it is told
 * to hold what the server says, or goes away with all connections.
 */
final class Relay implements AutoCloseable {
  private final SocketAddress address;
  private final SocketAddress server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong answered = new AtomicLong();
  private volatile long most = Long.MAX_VALUE;
  private @Nullable ServerSocketChannel listener;

  private Relay(SocketAddress address, SocketAddress server) {
    this.address = address;
    this.server = server;
  }

  /** Listens on a free port of this machine. */
  static Relay ofPort(int port) {
    InetAddress here = InetAddress.getLoopbackAddress();
    Relay relay =
        new Relay(new InetSocketAddress(here, Part.freePort()), new InetSocketAddress(here, port));
    relay.open();
    return relay;
  }

  /** Listens on a Unix socket at that path. */
  static Relay ofSocket(Path socket, Path server) {
    Relay relay = new Relay(UnixDomainSocketAddress.of(socket), UnixDomainSocketAddress.of(server));
    relay.open();
    return relay;
  }

  int port() {
    return ((InetSocketAddress) address).getPort();
  }

  /** Takes connections, again. */
  void open() {
    try {
      ServerSocketChannel made =
          address instanceof UnixDomainSocketAddress
              ? ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)
              : ServerSocketChannel.open();
      made.bind(address);
      listener = made;
      Thread.ofVirtual().start(() -> accept(made));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all connections and takes no new ones. */
  @Override
  public void close() {
    try {
      ServerSocketChannel made = listener;
      if (made != null) {
        made.close();
      }
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
      for (SocketChannel one : open) {
        one.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps back what the server says after so many more bytes. */
  void holdAfter(long bytes) {
    most = answered.get() + bytes;
  }

  boolean holds() {
    return answered.get() >= most;
  }

  void release() {
    most = Long.MAX_VALUE;
  }

  private void accept(ServerSocketChannel from) {
    while (from.isOpen()) {
      try {
        SocketChannel client = from.accept();
        open.add(client);
        SocketChannel there = SocketChannel.open(server);
        open.add(there);
        Thread.ofVirtual().start(() -> pass(client, there, new AtomicLong()));
        Thread.ofVirtual().start(() -> pass(there, client, answered));
      } catch (IOException e) {
        // the relay was closed, or the server is not there: the client sees that
        continue;
      }
    }
  }

  private void pass(SocketChannel from, SocketChannel to, AtomicLong count) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
    try {
      while (from.read(buffer.clear()) >= 0) {
        count.addAndGet(buffer.flip().remaining());
        while (count == answered && holds() && from.isOpen()) {
          Eventually.pause(java.time.Duration.ofMillis(2));
        }
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // one of both has gone: the other one follows
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
