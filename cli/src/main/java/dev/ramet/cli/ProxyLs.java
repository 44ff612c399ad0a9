package dev.ramet.cli;

import dev.ramet.cli.output.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Lists this user's proxies. */
@Command(name = "ls", description = "List your proxies that run on this machine.")
final class ProxyLs implements Callable<Integer> {
  private final Session session;

  ProxyLs(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<ProxySockets.Running> running = ProxySockets.of(session.environment()).running();
    session.show(
        () -> running.stream().map(ProxyLs::tree).toList(),
        () -> {
          TextTable table = TextTable.withHeadings("ADDRESS", "CLONE", "CONNECTIONS");
          running.forEach(proxy ->
              table.row(proxy.address(), proxy.target(), Integer.toString(proxy.connections())));
          return table.toString();
        });
    if (running.isEmpty()) {
      session.hint("no proxy runs: start one with ramet proxy NAME --port PORT");
    }
    return ExitCode.OK.status();
  }

  private static Map<String, @Nullable Object> tree(ProxySockets.Running proxy) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("port", proxy.port());
    tree.put("address", proxy.address());
    tree.put("clone", proxy.target());
    tree.put("connections", proxy.connections());
    return tree;
  }
}
