package dev.ramet.storage.iscsi.session;

import dev.ramet.storage.iscsi.session.PortalException.Reason;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A TCP connection to a portal that ends at its deadline, whatever the other end does. */
final class Connection implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final long deadline;

  private Connection(Socket socket, long deadline) throws IOException {
    this.socket = socket;
    this.deadline = deadline;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /**
   * @param address "10.0.0.5:3260"
   * @param atMost for all that is done on it
   */
  static Connection open(String address, Duration atMost) throws PortalException {
    long deadline = System.nanoTime() + atMost.toNanos();
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(resolve(address), (int) atMost.toMillis());
      return new Connection(socket, deadline);
    } catch (IOException e) {
      close(socket);
      throw new PortalException(Reason.NO_ANSWER, "no connection (%s)".formatted(e.getMessage()));
    }
  }

  private static InetSocketAddress resolve(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    return new InetSocketAddress(
        InetAddress.getByName(host), Integer.parseInt(address.substring(colon + 1)));
  }

  /** Sends one and waits for the next that comes. */
  Pdu exchange(Pdu request) throws PortalException {
    try {
      request.send(out);
      return Pdu.receive(bounded());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Waits for the next that comes. */
  Pdu receive() throws PortalException {
    try {
      return Pdu.receive(bounded());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private DataInputStream bounded() throws IOException {
    long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    socket.setSoTimeout((int) Math.max(1, left));
    return in;
  }

  private static PortalException broken(IOException e) {
    return switch (e) {
      case SocketTimeoutException silence ->
          new PortalException(Reason.NO_ANSWER, "it takes connections, but does not answer");
      case EOFException end -> new PortalException(Reason.OTHER, "it ended the connection");
      default -> new PortalException(Reason.OTHER, String.valueOf(e.getMessage()));
    };
  }

  @Override
  public void close() {
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // nothing was written that could be lost
    }
  }
}
