package dev.ramet.cli;

import dev.ramet.client.Proxy;
import dev.ramet.client.ProxySwitch;
import dev.ramet.client.RametException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.function.BiConsumer;

/** Answers at a proxy's control socket, on threads of its own, until it is closed. */
final class ProxyControl implements AutoCloseable {
  /** Questions. */
  static final String STATUS = "status";

  static final String SWITCH = "switch";

  /** First words of answers. */
  static final String DONE = "done";

  static final String FAILED = "failed";

  private final ProxySockets sockets;
  private final ServerSocketChannel server;
  private final Proxy proxy;
  private final BiConsumer<Proxy, ProxySwitch> switched;

  private ProxyControl(
      ProxySockets sockets,
      ServerSocketChannel server,
      Proxy proxy,
      BiConsumer<Proxy, ProxySwitch> switched) {
    this.sockets = sockets;
    this.server = server;
    this.proxy = proxy;
    this.switched = switched;
  }

  /**
   * @param switched is told of each switch
   */
  static ProxyControl open(
      ProxySockets sockets, Proxy proxy, BiConsumer<Proxy, ProxySwitch> switched) {
    int port = proxy.address().getPort();
    try {
      ProxyControl control = new ProxyControl(sockets, sockets.listen(port), proxy, switched);
      Thread.ofVirtual().name("control").start(control::serve);
      return control;
    } catch (IOException | RuntimeException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the proxy of port " + port + " has no control socket: " + e.getMessage());
    }
  }

  private void serve() {
    while (server.isOpen()) {
      try {
        SocketChannel asker = server.accept();
        Thread.ofVirtual().start(() -> answer(asker));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void answer(SocketChannel asker) {
    try (asker) {
      List<String> words = List.of(ProxySockets.readLine(asker).split("\t", -1));
      ProxySockets.writeLine(asker, answer(words).toArray(String[]::new));
    } catch (IOException e) {
      return; // whoever asked has left
    }
  }

  private List<String> answer(List<String> words) {
    try {
      if (words.equals(List.of(STATUS))) {
        return List.of(
            DONE,
            ProxyCommand.shown(proxy.address()),
            proxy.target(),
            Integer.toString(proxy.connections()));
      }
      if (words.size() == 2 && words.getFirst().equals(SWITCH)) {
        return switchTo(words.get(1));
      }
      return List.of(
          FAILED, ExitCode.USAGE.name(), "the proxy is of another version: start it anew");
    } catch (RametException e) {
      return List.of(
          FAILED, ExitCode.of(e.kind()).name(), Cli.oneLine(e.getMessage()).replace('\t', ' '));
    }
  }

  private List<String> switchTo(String name) {
    ProxySwitch done = proxy.switchTo(name);
    switched.accept(proxy, done);
    return List.of(
        DONE,
        done.from(),
        Integer.toString(done.closed()),
        Long.toString(done.elapsed().toMillis()));
  }

  @Override
  public void close() {
    try {
      server.close();
      sockets.remove(proxy.address().getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
