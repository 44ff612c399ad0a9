package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Failure;
import dev.ramet.client.HostCheck;
import dev.ramet.client.HostCheck.Kind;
import dev.ramet.client.HostsCheck;
import dev.ramet.client.Reap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hosts against records, as that is shown. */
public final class AdminView {
  private AdminView() {}

  /** Everything about a check. */
  public static Map<String, @Nullable Object> tree(HostsCheck check) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("agrees", check.agrees());
    tree.put("hosts", check.hosts().stream().map(AdminView::tree).toList());
    tree.put("unreadableRecords", check.unreadableRecords());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(HostCheck check) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("host", check.host());
    tree.put("agrees", check.agrees());
    tree.put("failure", Tree.failure(check.failure()));
    tree.put("things", check.things().stream().map(AdminView::tree).toList());
    tree.put("missing", check.missing().stream().map(AdminView::tree).toList());
    tree.put("leftovers", check.leftovers().stream().map(AdminView::tree).toList());
    tree.put("reaping", check.reaping());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(HostCheck.Thing thing) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("kind", thing.kind().name());
    tree.put("id", thing.id());
    tree.put("pool", thing.pool());
    tree.put("standing", thing.standing().name());
    tree.put("ownBytes", thing.ownBytes());
    tree.put("since", Tree.time(thing.since()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(HostCheck.Missing missing) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("kind", missing.kind().name());
    tree.put("id", missing.id());
    tree.put("pool", missing.pool());
    tree.put("wantedBy", missing.wantedBy());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(HostCheck.Leftover leftover) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("pool", leftover.pool());
    tree.put("name", leftover.name());
    tree.put("reason", leftover.reason());
    return tree;
  }

  /** A row for each host, then one for each thing that is not as it should be. */
  public static String text(HostsCheck check, Instant now) {
    TextTable hosts =
        TextTable.withHeadings("HOST", "VOLUMES", "SNAPSHOTS", "INSTANCES", "RECORDS AND HOST");
    TextTable things = TextTable.withHeadings("HOST", "WHAT", "KIND", "ID", "POOL", "WHY");
    int before = things.toString().length();
    for (HostCheck host : check.hosts()) {
      hosts.row(
          host.host(),
          count(host, Kind.VOLUME),
          count(host, Kind.SNAPSHOT),
          count(host, Kind.INSTANCE),
          verdict(host));
      differences(things, host, now);
    }
    StringBuilder text = new StringBuilder(hosts.toString());
    if (things.toString().length() > before) {
      text.append('\n').append(things);
    }
    check
        .unreadableRecords()
        .forEach(key -> text.append("record ").append(key).append(" cannot be read\n"));
    return text.toString();
  }

  private static String verdict(HostCheck host) {
    Failure failure = host.failure();
    if (failure != null) {
      return "not asked: " + failure.code() + ": " + failure.message();
    }
    return (host.agrees() ? "agree" : "differ") + (host.reaping() ? ", orphans are to go" : "");
  }

  private static String count(HostCheck host, Kind kind) {
    return host.failure() != null
        ? ""
        : "" + host.things().stream().filter(thing -> thing.kind() == kind).count();
  }

  private static void differences(TextTable table, HostCheck host, Instant now) {
    for (HostCheck.Thing thing : host.things()) {
      String why =
          switch (thing.standing()) {
            case ORPHAN -> "no record wants it" + known(thing, now);
            case PROTECTED -> "a record that cannot be read may want it";
            case WANTED, FOREIGN, UNKNOWN -> "";
          };
      if (!why.isEmpty()) {
        table.row(
            host.host(), word(thing.standing()), word(thing.kind()), thing.id(), thing.pool(), why);
      }
    }
    for (HostCheck.Missing missing : host.missing()) {
      table.row(
          host.host(),
          "missing",
          word(missing.kind()),
          missing.id(),
          missing.pool(),
          missing.wantedBy() + " wants it");
    }
    for (HostCheck.Leftover left : host.leftovers()) {
      table.row(host.host(), "leftover", "", left.name(), left.pool(), left.reason());
    }
  }

  private static String known(HostCheck.Thing thing, Instant now) {
    String size = thing.ownBytes() == 0 ? "" : ", " + Units.size(thing.ownBytes()) + " of its own";
    return thing.since() == null ? size : size + ", known for " + Units.age(thing.since(), now);
  }

  /** Orphans of all hosts. */
  public static List<Map<String, @Nullable Object>> orphans(HostsCheck check) {
    List<Map<String, @Nullable Object>> orphans = new ArrayList<>();
    for (HostCheck host : check.hosts()) {
      for (HostCheck.Thing thing : host.orphans()) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("host", host.host());
        tree.putAll(tree(thing));
        orphans.add(tree);
      }
    }
    return orphans;
  }

  /** One row for each orphan. */
  public static String table(HostsCheck check, Instant now) {
    TextTable table = TextTable.withHeadings("HOST", "KIND", "ID", "POOL", "SIZE", "KNOWN FOR");
    for (HostCheck host : check.hosts()) {
      for (HostCheck.Thing thing : host.orphans()) {
        table.row(
            host.host(),
            word(thing.kind()),
            thing.id(),
            thing.pool(),
            Units.sizeOrNothing(thing.ownBytes()),
            Units.age(thing.since(), now));
      }
    }
    return table.toString();
  }

  /** Everything about a removal. */
  public static Map<String, @Nullable Object> tree(Reap reap) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("host", reap.host());
    tree.put("done", reap.done());
    tree.put("failure", Tree.failure(reap.failure()));
    tree.put("removed", reap.removed());
    tree.put("kept", reap.kept().stream().map(AdminView::tree).toList());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Reap.Kept kept) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", kept.id());
    tree.put("reason", kept.reason());
    return tree;
  }

  /** One row for each thing that was removed or kept. */
  public static String reaped(List<Reap> reaps) {
    TextTable table = TextTable.withHeadings("HOST", "ID", "RESULT");
    for (Reap reap : reaps) {
      Failure failure = reap.failure();
      reap.removed().forEach(id -> table.row(reap.host(), id, "removed"));
      reap.kept().forEach(kept -> table.row(reap.host(), kept.id(), "kept: " + kept.reason()));
      if (failure != null) {
        table.row(reap.host(), "", "not asked: " + failure.code() + ": " + failure.message());
      } else if (!reap.done()) {
        table.row(reap.host(), "", "asked for");
      } else if (reap.removed().isEmpty() && reap.kept().isEmpty()) {
        table.row(reap.host(), "", "nothing to remove");
      }
    }
    return table.toString();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
