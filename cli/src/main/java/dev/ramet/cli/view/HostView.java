package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Host;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hosts as they are shown. */
public final class HostView {
  private HostView() {}

  /** Everything about a host. */
  public static Map<String, @Nullable Object> tree(Host host) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", host.name());
    tree.put("labels", host.labels());
    tree.put("alive", host.alive());
    tree.put("cordoned", host.cordoned());
    tree.put("clones", host.clones());
    tree.put("agentAddress", host.agentAddress());
    tree.put("agentVersion", host.agentVersion());
    tree.put("databaseAddress", host.databaseAddress());
    tree.put("firstPort", host.firstPort());
    tree.put("lastPort", host.lastPort());
    tree.put("runtimes", host.runtimes());
    tree.put("unavailableRuntimes", host.unavailableRuntimes());
    tree.put("engines", host.engines().stream().map(HostView::tree).toList());
    tree.put("pools", host.pools().stream().map(HostView::tree).toList());
    tree.put("memoryTotalBytes", host.memoryTotalBytes());
    tree.put("memoryAvailableBytes", host.memoryAvailableBytes());
    tree.put("cpus", host.cpus());
    tree.put("createTime", Tree.time(host.createTime()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Host.EngineVersions engine) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("engine", engine.engine());
    tree.put("runtime", engine.runtime());
    tree.put("versions", engine.versions());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Host.Pool pool) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", pool.name());
    tree.put("driver", pool.driver());
    tree.put("capabilities", pool.capabilities());
    tree.put("healthy", pool.healthy());
    tree.put("problem", pool.problem());
    tree.put("freeBytes", pool.freeBytes());
    tree.put("totalBytes", pool.totalBytes());
    return tree;
  }

  /** One row for each host. */
  public static String table(List<Host> hosts) {
    TextTable table =
        TextTable.withHeadings(
            "NAME", "STATE", "CLONES", "RUNTIMES", "POOLS", "FREE SPACE", "FREE MEMORY", "AGENT");
    for (Host host : hosts) {
      table.row(
          host.name(),
          state(host),
          "" + host.clones(),
          String.join(",", host.runtimes()),
          String.join(",", host.pools().stream().map(HostView::label).toList()),
          Units.sizeOrNothing(host.pools().stream().mapToLong(Host.Pool::freeBytes).sum()),
          Units.sizeOrNothing(host.memoryAvailableBytes()),
          host.agentAddress());
    }
    return table.toString();
  }

  private static String state(Host host) {
    return (host.alive() ? "alive" : "lost") + (host.cordoned() ? ",cordoned" : "");
  }

  private static String label(Host.Pool pool) {
    String label = pool.name() + "(" + pool.driver() + ")";
    return pool.healthy() ? label : label + "!";
  }

  /** One host: a line for each thing about it, then its pools. */
  public static String text(Host host, Instant now) {
    TextTable head =
        TextTable.ofPairs()
            .pair("name", host.name())
            .pair("state", state(host))
            .pair("labels", Tree.pairs(host.labels()))
            .pair("clones", "" + host.clones())
            .pair("agent", (host.agentAddress() + " " + host.agentVersion()).strip())
            .pair(
                "databases at",
                host.databaseAddress() + ":" + host.firstPort() + "-" + host.lastPort())
            .pair("runtimes", String.join(", ", host.runtimes()));
    host.unavailableRuntimes().forEach((runtime, reason) -> head.pair("not " + runtime, reason));
    for (Host.EngineVersions engine : host.engines()) {
      head.pair(
          engine.engine(), String.join(", ", engine.versions()) + " with " + engine.runtime());
    }
    head.pair(
            "memory",
            Units.size(host.memoryAvailableBytes())
                + " free of "
                + Units.size(host.memoryTotalBytes()))
        .pair("cpus", "" + host.cpus())
        .pair("age", Units.age(host.createTime(), now));
    TextTable pools = TextTable.withHeadings("POOL", "DRIVER", "STATE", "FREE", "SIZE");
    for (Host.Pool pool : host.pools()) {
      pools.row(
          pool.name(),
          pool.driver(),
          pool.healthy() ? "healthy" : "unhealthy: " + pool.problem(),
          Units.size(pool.freeBytes()),
          Units.size(pool.totalBytes()));
    }
    return head + "\n" + pools;
  }
}
