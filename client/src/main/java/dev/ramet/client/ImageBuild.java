package dev.ramet.client;

import java.util.Map;
import java.util.UUID;

/**
 * A request to build the next revision of an image. Made by {@link #of}, varied by the {@code with}
 * methods; each {@code of} is a build of its own, and sending one object twice starts one build.
 *
 * @param source {@code postgres://user:password@host:port[/database]}, or a path on the building
 *     host
 * @param engine {@code postgres}, or {@code postgres:15} to ask for a major version (dumps only)
 * @param host where to build; empty: placement chooses
 * @param replicas how many hosts get a copy; 0: all that can hold it
 * @param database that the clones' URL leads to; empty: the one in the source, else the largest
 * @param requestId makes the request safe to repeat
 */
public record ImageBuild(
    String name,
    Secret source,
    String engine,
    String host,
    int replicas,
    String database,
    String description,
    Map<String, String> labels,
    String requestId) {

  public ImageBuild {
    labels = CloneSpec.ordered(labels);
  }

  /** Builds {@code name} from {@code source} with every default. */
  public static ImageBuild of(String name, Secret source) {
    return new ImageBuild(
        name, source, "postgres", "", 0, "", "", Map.of(), UUID.randomUUID().toString());
  }

  public ImageBuild withEngine(String value) {
    return new ImageBuild(
        name, source, value, host, replicas, database, description, labels, requestId);
  }

  public ImageBuild withHost(String value) {
    return new ImageBuild(
        name, source, engine, value, replicas, database, description, labels, requestId);
  }

  public ImageBuild withReplicas(int value) {
    return new ImageBuild(
        name, source, engine, host, value, database, description, labels, requestId);
  }

  public ImageBuild withDatabase(String value) {
    return new ImageBuild(
        name, source, engine, host, replicas, value, description, labels, requestId);
  }

  public ImageBuild withDescription(String value) {
    return new ImageBuild(name, source, engine, host, replicas, database, value, labels, requestId);
  }

  public ImageBuild withLabels(Map<String, String> values) {
    return new ImageBuild(
        name, source, engine, host, replicas, database, description, values, requestId);
  }
}
