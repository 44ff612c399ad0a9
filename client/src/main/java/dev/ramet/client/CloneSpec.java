package dev.ramet.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a user wants of a clone. Made by {@link #of}, varied by the {@code with} methods.
 *
 * @param image image name, or {@code name:revision}; empty where {@code from} is set
 * @param host where to place it; empty: placement chooses
 * @param runtime {@code docker} or {@code process}; empty: what the host prefers
 * @param engineOptions settings of the database server, e.g. {@code shared_buffers = 64MB}
 * @param sizeLimitBytes the most the clone may hold; 0: as much as the image's volume
 * @param memoryLimitBytes 0: no limit
 * @param cpuLimitMillis thousandths of a core; 0: no limit
 * @param port on the host; 0: the coordinator chooses
 * @param from a save to be made from instead of an image, {@code clone@save}; empty: of an image
 * @param labels of the clone; they can be changed later and are not part of what makes two requests
 *     the same
 */
public record CloneSpec(
    String image,
    String host,
    String runtime,
    Map<String, String> engineOptions,
    long sizeLimitBytes,
    long memoryLimitBytes,
    int cpuLimitMillis,
    int port,
    String from,
    Map<String, String> labels) {

  public CloneSpec {
    engineOptions = ordered(engineOptions);
    labels = ordered(labels);
  }

  /** A clone of {@code image} ({@code name} or {@code name:revision}) with every default. */
  public static CloneSpec of(String image) {
    return new CloneSpec(image, "", "", Map.of(), 0, 0, 0, 0, "", Map.of());
  }

  /** A clone of a save ({@code clone@save}) with every default. */
  public static CloneSpec from(String save) {
    return new CloneSpec("", "", "", Map.of(), 0, 0, 0, 0, save, Map.of());
  }

  public CloneSpec withHost(String value) {
    return new CloneSpec(
        image,
        value,
        runtime,
        engineOptions,
        sizeLimitBytes,
        memoryLimitBytes,
        cpuLimitMillis,
        port,
        from,
        labels);
  }

  public CloneSpec withRuntime(String value) {
    return new CloneSpec(
        image,
        host,
        value,
        engineOptions,
        sizeLimitBytes,
        memoryLimitBytes,
        cpuLimitMillis,
        port,
        from,
        labels);
  }

  public CloneSpec withEngineOptions(Map<String, String> values) {
    return new CloneSpec(
        image,
        host,
        runtime,
        values,
        sizeLimitBytes,
        memoryLimitBytes,
        cpuLimitMillis,
        port,
        from,
        labels);
  }

  public CloneSpec withSizeLimitBytes(long value) {
    return new CloneSpec(
        image,
        host,
        runtime,
        engineOptions,
        value,
        memoryLimitBytes,
        cpuLimitMillis,
        port,
        from,
        labels);
  }

  public CloneSpec withMemoryLimitBytes(long value) {
    return new CloneSpec(
        image,
        host,
        runtime,
        engineOptions,
        sizeLimitBytes,
        value,
        cpuLimitMillis,
        port,
        from,
        labels);
  }

  public CloneSpec withCpuLimitMillis(int value) {
    return new CloneSpec(
        image,
        host,
        runtime,
        engineOptions,
        sizeLimitBytes,
        memoryLimitBytes,
        value,
        port,
        from,
        labels);
  }

  public CloneSpec withPort(int value) {
    return new CloneSpec(
        image,
        host,
        runtime,
        engineOptions,
        sizeLimitBytes,
        memoryLimitBytes,
        cpuLimitMillis,
        value,
        from,
        labels);
  }

  public CloneSpec withLabels(Map<String, String> values) {
    return new CloneSpec(
        image,
        host,
        runtime,
        engineOptions,
        sizeLimitBytes,
        memoryLimitBytes,
        cpuLimitMillis,
        port,
        from,
        values);
  }

  static Map<String, String> ordered(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
