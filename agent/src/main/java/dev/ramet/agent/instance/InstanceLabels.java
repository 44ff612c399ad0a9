package dev.ramet.agent.instance;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.runtime.Server;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a runtime keeps about an instance for us, as labels, and how it is read back. */
final class InstanceLabels {
  private static final String PREFIX = "dev.ramet.";
  private static final String ENGINE = PREFIX + "engine";
  private static final String VERSION = PREFIX + "engine-version";
  private static final String POOL = PREFIX + "pool";
  private static final String VOLUME = PREFIX + "volume";
  private static final String ADDRESS = PREFIX + "address";
  private static final String PORT = PREFIX + "port";
  private static final String FINGERPRINT = PREFIX + "fingerprint";
  private static final String USER_LABEL = PREFIX + "label.";

  private InstanceLabels() {}

  static Map<String, String> of(InstanceSpec spec, String runtime) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(ENGINE, spec.engine());
    labels.put(VERSION, spec.engineVersion());
    labels.put(POOL, spec.pool());
    labels.put(VOLUME, spec.volume());
    labels.put(ADDRESS, spec.address());
    labels.put(PORT, Integer.toString(spec.port()));
    labels.put(FINGERPRINT, fingerprint(spec, runtime));
    spec.labels().forEach((name, value) -> labels.put(USER_LABEL + name, value));
    return labels;
  }

  /**
   * Whether the server was started by these arguments. What can be set on one that runs is none of
   * them: the password, the limits. Nor are the labels that people read: a clone may have got
   * another name since.
   */
  static boolean match(Server server, InstanceSpec spec) {
    return fingerprint(spec, server.runtime()).equals(server.labels().get(FINGERPRINT));
  }

  static Instance instance(Server server, boolean ready, List<TimedStep> steps) {
    Map<String, String> labels = server.labels();
    Instance.State state =
        !server.running()
            ? Instance.State.DEAD
            : server.frozen()
                ? Instance.State.FROZEN
                : ready ? Instance.State.RUNNING : Instance.State.STARTING;
    return new Instance(
        server.id(),
        state,
        server.runtime(),
        labels.getOrDefault(ENGINE, ""),
        labels.getOrDefault(VERSION, ""),
        labels.getOrDefault(POOL, ""),
        labels.getOrDefault(VOLUME, ""),
        labels.getOrDefault(ADDRESS, ""),
        Integer.parseInt(labels.getOrDefault(PORT, "0")),
        server.handle(),
        server.problem(),
        steps);
  }

  private static String fingerprint(InstanceSpec spec, String runtime) {
    // Lists of strings print without a password: it is not among them.
    String arguments =
        List.of(
                    spec.engine(),
                    spec.engineVersion(),
                    runtime,
                    spec.pool(),
                    spec.volume(),
                    spec.address(),
                    spec.port(),
                    spec.user())
                .toString()
            + new TreeMap<>(spec.engineOptions());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(arguments.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
