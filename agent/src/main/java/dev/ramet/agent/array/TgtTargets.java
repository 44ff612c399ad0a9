package dev.ramet.agent.array;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the target daemon exports now, as {@code tgtadm --mode target --op show} prints it.
 *
 * @param byName targets by iSCSI name
 */
record TgtTargets(Map<String, Shown> byName) {
  private static final Pattern TARGET = Pattern.compile("Target (\\d+): (\\S+)");
  private static final Pattern NEXUS = Pattern.compile(" +I_T nexus: (\\d+)");
  private static final Pattern INITIATOR = Pattern.compile(" +Initiator: (\\S+).*");
  private static final Pattern LUN = Pattern.compile(" +LUN: (\\d+)");
  private static final Pattern SCSI_ID = Pattern.compile(" +SCSI ID: (\\S+)");
  private static final Pattern CONNECTION = Pattern.compile(" +Connection: (\\d+)");

  /**
   * One target.
   *
   * @param tid its number with the daemon
   * @param wwid of its unit 1, 32 hexadecimal digits; empty where there is none
   * @param connections of sessions that are there now
   * @param accounts users that may log in
   * @param initiators names that may
   */
  record Shown(
      int tid,
      String wwid,
      List<Connection> connections,
      Set<String> accounts,
      Set<String> initiators) {
    Shown named(String unit) {
      return new Shown(tid, unit, connections, accounts, initiators);
    }
  }

  /** A connection of a session. */
  record Connection(int session, int number, String initiator) {}

  static TgtTargets parse(List<String> lines) {
    Map<String, Shown> found = new LinkedHashMap<>();
    Parts part = new Parts(0);
    String name = "";
    for (String line : lines) {
      Matcher begin = TARGET.matcher(line);
      if (begin.matches()) {
        name = begin.group(2);
        part = new Parts(Integer.parseInt(begin.group(1)));
      }
      if (!name.isEmpty()) {
        part.read(line);
        found.put(name, part.target);
      }
    }
    return new TgtTargets(found);
  }

  /** Where in a target's lines it is, and what they said so far. */
  private static final class Parts {
    private Shown target;
    private @Nullable Set<String> list;
    private int session;
    private String unit = "";
    private String initiator = "";

    Parts(int tid) {
      this.target = new Shown(tid, "", new ArrayList<>(), new TreeSet<>(), new TreeSet<>());
    }

    void read(String line) {
      switch (line.strip()) {
        case "System information:", "I_T nexus information:", "LUN information:" -> list = null;
        case "Account information:" -> list = target.accounts();
        case "ACL information:" -> list = target.initiators();
        default -> readDetail(line);
      }
    }

    private void readDetail(String line) {
      if (list != null) {
        list.add(line.strip().replace(" (outgoing)", ""));
        return;
      }
      Matcher nexus = NEXUS.matcher(line);
      Matcher name = INITIATOR.matcher(line);
      Matcher connection = CONNECTION.matcher(line);
      Matcher lun = LUN.matcher(line);
      Matcher id = SCSI_ID.matcher(line);
      if (nexus.matches()) {
        session = Integer.parseInt(nexus.group(1));
      } else if (name.matches()) {
        initiator = name.group(1);
      } else if (connection.matches()) {
        target
            .connections()
            .add(new Connection(session, Integer.parseInt(connection.group(1)), initiator));
      } else if (lun.matches()) {
        unit = lun.group(1);
      } else if (id.matches() && unit.equals("1")) {
        target = target.named(id.group(1));
      }
    }
  }

  Optional<Shown> find(String iqn) {
    return Optional.ofNullable(byName.get(iqn));
  }

  /** The smallest number that no target has. */
  int freeNumber() {
    int number = 1;
    Set<Integer> taken = new TreeSet<>();
    byName.values().forEach(target -> taken.add(target.tid()));
    while (taken.contains(number)) {
      number++;
    }
    return number;
  }
}
