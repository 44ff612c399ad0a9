package dev.ramet.cli;

import dev.ramet.client.Proxy;
import dev.ramet.client.ProxyListener;
import dev.ramet.client.ProxySwitch;
import dev.ramet.client.RametException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ramet proxy NAME}: in the foreground, until Ctrl-C. Its subcommands speak to it. */
@Command(
    name = "proxy",
    description = {
      "Let a local port lead to a clone, through the coordinator and the host's agent, until"
          + " Ctrl-C.",
      "Only the coordinator has to be reachable. ramet proxy switch lets the same port lead to"
          + " another clone."
    })
final class ProxyCommand implements Callable<Integer> {
  private final Session session;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The clone.")
  String name = "";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      defaultValue = "0",
      description = "The local port; 0, or left out: any that is free.")
  int port;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "The local address (default: 127.0.0.1). Whoever reaches it reaches the clone.")
  String listen = "127.0.0.1";

  private ProxyCommand(Session session) {
    this.session = session;
  }

  static CommandLine group(Session session, Predicate<String> wanted) {
    CommandLine proxy = new CommandLine(new ProxyCommand(session));
    Map<String, Supplier<?>> commands =
        Map.of("ls", () -> new ProxyLs(session), "switch", () -> new ProxySwitchCommand(session));
    new TreeMap<>(commands)
        .forEach((command, made) -> {
          if (wanted.test(command)) {
            proxy.addSubcommand(command, made.get());
          }
        });
    return proxy;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (name.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "which clone? ramet proxy NAME --port PORT, or switch, or ls");
    }
    ProxySockets sockets = ProxySockets.of(session.environment());
    // Who leaves while the control socket is being made leaves none.
    try (Proxy proxy = session.client().proxies().open(name, listen, port, listener());
        LeavingHook _ = LeavingHook.of(() -> leave(proxy, sockets));
        ProxyControl _ = ProxyControl.open(sockets, proxy, this::tell)) {
      say(shown(proxy.address()) + " leads to " + name + "; Ctrl-C ends it");
      new CountDownLatch(1).await();
      return ExitCode.OK.status();
    }
  }

  private static void leave(Proxy proxy, ProxySockets sockets) {
    try {
      sockets.remove(proxy.address().getPort());
      proxy.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED.status());
    }
  }

  private ProxyListener listener() {
    return new ProxyListener() {
      @Override
      public void failed(RametException failure) {
        Complaint.tell(
            session.environment().err(),
            "a connection failed: " + failure.getMessage(),
            failure.logTail());
      }

      @Override
      public void renamed(String from, String to) {
        say("clone " + from + " is called " + to + " now; the proxy leads to it as before");
      }
    };
  }

  private void tell(Proxy proxy, ProxySwitch done) {
    say(
        shown(proxy.address())
            + " leads to "
            + done.to()
            + " now; "
            + ProxySwitchCommand.closed(done.closed(), done.elapsed().toMillis()));
  }

  private synchronized void say(String line) {
    session.environment().out().println(line);
    session.environment().out().flush();
  }

  /** As a user would write it. */
  static String shown(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    String shown =
        host.equals("127.0.0.1") ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return shown + ":" + address.getPort();
  }
}
