package dev.ramet.client;

import org.jspecify.annotations.Nullable;

/**
 * Ports of this machine that lead to clones, through the coordinator and the agent: only the
 * coordinator has to be reachable.
 *
 * <pre>{@code
 * try (Proxy proxy = ramet.proxies().open("fix-123", "127.0.0.1", 5432, failure -> {})) {
 *   ...
 *   proxy.switchTo("try-2");
 * }
 * }</pre>
 *
 * <p>Thread-safe. All proxies of a client share one thread, which is started with the first, and
 * one connection to the coordinator.
 */
public final class Proxies {
  private final Clones clones;
  private final String server;
  private final StatusErrors errors;
  private @Nullable ProxyTransport transport;
  private boolean closed;

  Proxies(Clones clones, String server, StatusErrors errors) {
    this.clones = clones;
    this.server = server;
    this.errors = errors;
  }

  /**
   * Opens a local port that leads to a clone, until it is closed.
   *
   * <p>Each connection to the port leads to where the clone is at that time: it may be restarted,
   * reset, renamed, or deleted and made again by its name. One that cannot be made, or breaks, is
   * closed and told.
   *
   * @param clone READY now
   * @param address of this machine to listen on, as in {@code 127.0.0.1}; whoever reaches it
   *     reaches the clone
   * @param port 0: any that is free
   * @throws RametException NOT_FOUND where there is no such clone; PRECONDITION where it is not
   *     READY ({@code CLONE_NOT_READY}) or the port cannot be listened on ({@code PORT_TAKEN});
   *     INVALID where the address is none
   */
  public Proxy open(String clone, String address, int port, ProxyListener listener) {
    if (port < 0 || port > 65535) {
      throw RametException.local(
          ErrorKind.INVALID, "INVALID_ARGUMENT", "port " + port + " is not within 0 and 65535");
    }
    Proxy.Target target = requireReady(clone);
    return Proxy.open(this, transport(), target, address, port, listener);
  }

  /** What a proxy can lead to. */
  Proxy.Target requireReady(String name) {
    Clone clone = clones.get(name);
    Failure failure = clone.failure();
    if (clone.state() == Clone.State.OVER_CAP && failure != null) {
      throw RametException.of(failure);
    }
    if (clone.state() != Clone.State.READY) {
      throw RametException.local(
          ErrorKind.PRECONDITION,
          "CLONE_NOT_READY",
          "clone " + name + " is " + clone.state() + ", not READY: see ramet clone show " + name);
    }
    return new Proxy.Target(clone.name(), clone.uid());
  }

  StatusErrors errors() {
    return errors;
  }

  private synchronized ProxyTransport transport() {
    if (closed) {
      throw RametException.local(ErrorKind.CANCELLED, "CLOSED", "the client is closed");
    }
    if (transport == null) {
      transport = new ProxyTransport(Addresses.parse(server));
    }
    return transport;
  }

  synchronized void close() {
    closed = true;
    if (transport != null) {
      transport.close();
    }
  }
}
