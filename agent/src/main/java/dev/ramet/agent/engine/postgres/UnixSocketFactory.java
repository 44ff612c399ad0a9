package dev.ramet.agent.engine.postgres;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Makes pgjdbc speak through a Unix socket: given by name in the connection's property {@code
 * socketFactory}, with the socket's path in {@code socketFactoryArg}.
 */
public final class UnixSocketFactory extends SocketFactory {
  private final String path;

  /** Called by pgjdbc. */
  public UnixSocketFactory(String path) {
    this.path = path;
  }

  @Override
  public Socket createSocket() {
    return new UnixSocket(path);
  }

  @Override
  public Socket createSocket(String host, int port) {
    return createSocket();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    return createSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    return createSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    return createSocket();
  }
}
