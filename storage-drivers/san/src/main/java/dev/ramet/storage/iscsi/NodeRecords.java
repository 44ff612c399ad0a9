package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * open-iscsi's files of how to log in: {@code nodes/<target>/<address>,<port>}, or a directory
 * {@code <address>,<port>,<group>} with a file for each interface. {@code iscsiadm} takes secrets
 * only as arguments, which all on the host can read; so they are written into the file, which only
 * root can read, and are gone from it with the session.
 */
final class NodeRecords {
  private static final String END = "# END RECORD";

  private final Kernel kernel;
  private final Path nodes;

  NodeRecords(Kernel kernel, HostPaths paths) {
    this.kernel = kernel;
    this.nodes = paths.iscsi().resolve("nodes");
  }

  /**
   * Has the record log in as the address says, with the LUN's device made by us alone, and never
   * without being asked.
   */
  void set(TargetPortal portal, LunAddress address) throws IOException {
    for (Path file : files(portal)) {
      replace(file, edited(Files.readAllLines(file), settings(address)));
    }
  }

  private List<Path> files(TargetPortal portal) throws IOException {
    int colon = portal.address().lastIndexOf(':');
    String host = portal.address().substring(0, colon).replace("[", "").replace("]", "");
    String name = "%s,%s".formatted(host, portal.address().substring(colon + 1));
    Path target = nodes.resolve(portal.iqn());
    try (Stream<Path> found = Files.walk(target)) {
      List<Path> files =
          found
              .filter(Files::isRegularFile)
              .filter(file -> isOf(target.relativize(file).getName(0), name))
              .toList();
      if (files.isEmpty()) {
        throw new IOException(
            "open-iscsi has no node record %s of %s below %s".formatted(name, portal.iqn(), nodes));
      }
      return files;
    }
  }

  private static boolean isOf(Path file, String name) {
    return file.toString().equals(name) || file.toString().startsWith(name + ",");
  }

  static Map<String, String> settings(LunAddress address) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("node.startup", "manual");
    settings.put("node.conn[0].startup", "manual");
    settings.put("node.session.scan", "manual");
    settings.put("node.session.initial_login_retry_max", "1");
    settings.put("node.conn[0].timeo.login_timeout", "10");
    settings.put("node.session.auth.authmethod", address.chapIfAny().isPresent() ? "CHAP" : "None");
    address.chapIfAny().ifPresent(chap -> put(settings, chap, ""));
    address.targetChapIfAny().ifPresent(chap -> put(settings, chap, "_in"));
    return settings;
  }

  private static void put(Map<String, String> settings, Chap chap, String suffix) {
    settings.put("node.session.auth.username" + suffix, chap.user());
    settings.put("node.session.auth.password" + suffix, chap.secret());
  }

  /** The record with these settings in place of what it has of them, or of any login. */
  static String edited(List<String> lines, Map<String, String> settings) {
    List<String> edited = new ArrayList<>();
    for (String line : lines) {
      String key = line.split(" = ", -1)[0].strip();
      boolean login =
          key.startsWith("node.session.auth.username")
              || key.startsWith("node.session.auth.password");
      if (!line.startsWith(END) && !settings.containsKey(key) && !login) {
        edited.add(line);
      }
    }
    settings.forEach((key, value) -> edited.add(key + " = " + value));
    edited.add(END);
    return String.join("\n", edited) + "\n";
  }

  private void replace(Path file, String content) throws IOException {
    try (Descriptor made = Descriptor.unnamed(kernel, file.resolveSibling(""), 0600)) {
      kernel.write(made.fd(), content);
      tolerating(Errno.ENOENT, () -> kernel.unlink(file));
      kernel.link(made.fd(), file);
    }
  }
}
