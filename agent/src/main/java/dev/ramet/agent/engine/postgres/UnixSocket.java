package dev.ramet.agent.engine.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@link Socket} that pgjdbc uses, over a Unix socket. It has no read timeout: who
 * waits too long aborts the connection or interrupts its thread, both of which close the channel.
 */
final class UnixSocket extends Socket {
  private final String path;
  private @Nullable SocketChannel channel;

  UnixSocket(String path) {
    this.path = path;
  }

  @Override
  public void connect(SocketAddress ignored) throws IOException {
    connect(ignored, 0);
  }

  @Override
  public void connect(SocketAddress ignored, int timeout) throws IOException {
    SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      opened.connect(UnixDomainSocketAddress.of(path));
      channel = opened;
    } finally {
      if (channel == null) {
        opened.close();
      }
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return Channels.newInputStream(connected());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return Channels.newOutputStream(connected());
  }

  @Override
  public boolean isConnected() {
    return channel != null;
  }

  @Override
  public boolean isClosed() {
    return channel != null && !channel.isOpen();
  }

  @Override
  public synchronized void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public int getSoTimeout() {
    return 0;
  }

  @Override
  public void setSoTimeout(int timeout) {
    // See the class: none.
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // Not TCP.
  }

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setKeepAlive(boolean on) {
    // Not TCP.
  }

  @Override
  public void setReceiveBufferSize(int size) {
    // The kernel's own size is right.
  }

  @Override
  public void setSendBufferSize(int size) {
    // The kernel's own size is right.
  }

  @Override
  public int getReceiveBufferSize() {
    return 1 << 16;
  }

  @Override
  public int getSendBufferSize() {
    return 1 << 16;
  }

  private SocketChannel connected() throws IOException {
    if (channel == null) {
      throw new IOException("not connected");
    }
    return channel;
  }
}
