package dev.ramet.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells the proxy that runs to lead to another clone. */
@Command(
    name = "switch",
    description = {
      "Let the port of a proxy that runs lead to another clone, which must be READY.",
      "What is connected is closed; the clone that it led to before stays as it is."
    })
final class ProxySwitchCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The clone to lead to.")
  String name = "";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "The proxy's port; may be left out where only one proxy runs.")
  @Nullable Integer port;

  ProxySwitchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ProxySockets sockets = ProxySockets.of(session.environment());
    ProxySockets.Running proxy = choose(sockets.running());
    List<String> answer = sockets.ask(proxy.port(), ProxyControl.SWITCH, name);
    int closed = Integer.parseInt(answer.get(1));
    long millis = Long.parseLong(answer.get(2));
    session.show(
        () -> tree(proxy, answer.get(0), closed, millis),
        () -> proxy.address() + " leads to " + name + "; " + closed(closed, millis) + "\n");
    return ExitCode.OK.status();
  }

  private ProxySockets.Running choose(List<ProxySockets.Running> running) {
    List<ProxySockets.Running> fitting =
        running.stream().filter(proxy -> port == null || proxy.port() == port).toList();
    if (fitting.isEmpty()) {
      throw new CommandException(
          ExitCode.NOT_FOUND,
          port == null || running.isEmpty()
              ? "no proxy runs: start one with ramet proxy NAME --port PORT"
              : "no proxy runs on port " + port + "; there is: " + named(running));
    }
    if (fitting.size() > 1) {
      throw new CommandException(
          ExitCode.USAGE, "several proxies run: name one by --port: " + named(running));
    }
    return fitting.getFirst();
  }

  private static String named(List<ProxySockets.Running> running) {
    return running.stream()
        .map(proxy -> proxy.port() + " (" + proxy.target() + ")")
        .collect(Collectors.joining(", "));
  }

  private Map<String, @Nullable Object> tree(
      ProxySockets.Running proxy, String from, int closed, long millis) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("port", proxy.port());
    tree.put("address", proxy.address());
    tree.put("from", from);
    tree.put("clone", name);
    tree.put("closed", closed);
    tree.put("elapsed", millis);
    return tree;
  }

  /** "2 connections closed, 14 ms". */
  static String closed(int count, long millis) {
    return count + (count == 1 ? " connection" : " connections") + " closed, " + millis + " ms";
  }
}
