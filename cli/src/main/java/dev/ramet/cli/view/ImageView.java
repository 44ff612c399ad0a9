package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Failure;
import dev.ramet.client.Image;
import dev.ramet.client.ImageLifetime;
import dev.ramet.client.Replica;
import dev.ramet.client.Revision;
import dev.ramet.client.WarmPool;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Images and revisions as they are shown. */
public final class ImageView {
  private ImageView() {}

  /** An image with all its revisions. */
  public static Map<String, @Nullable Object> tree(Image image) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", image.name());
    tree.put("description", image.description());
    tree.put("labels", image.labels());
    tree.put("engine", image.engine());
    tree.put("latest", image.latest());
    tree.put("revisions", image.revisions().stream().map(ImageView::tree).toList());
    tree.put("warm", warm(image.warm()));
    tree.put("lifetime", tree(image.lifetime()));
    tree.put("createTime", Tree.time(image.createTime()));
    return tree;
  }

  private static @Nullable Map<String, @Nullable Object> warm(@Nullable WarmPool pool) {
    if (pool == null) {
      return null;
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("min", pool.min());
    tree.put("max", pool.max());
    tree.put("wanted", pool.wanted());
    tree.put("ready", pool.ready());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(ImageLifetime lifetime) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("defaultTtlSeconds", lifetime.defaultTtl().toSeconds());
    tree.put("maxTtlSeconds", lifetime.maxTtl().toSeconds());
    tree.put("defaultIdleTtlSeconds", lifetime.defaultIdleTtl().toSeconds());
    tree.put("maxIdleTtlSeconds", lifetime.maxIdleTtl().toSeconds());
    tree.put("maxProtectSeconds", lifetime.maxProtect().toSeconds());
    return tree;
  }

  /** One revision. */
  public static Map<String, @Nullable Object> tree(Revision revision) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("image", revision.image());
    tree.put("revision", revision.number());
    tree.put("state", revision.state().name());
    tree.put("failure", Tree.failure(revision.failure()));
    tree.put("engine", revision.engine());
    tree.put("engineVersion", revision.engineVersion());
    tree.put("source", revision.source());
    tree.put("database", revision.database());
    tree.put("databases", revision.databases());
    tree.put("volumeBytes", revision.volumeBytes());
    tree.put("dataBytes", revision.dataBytes());
    tree.put("replicas", revision.replicas().stream().map(ImageView::tree).toList());
    tree.put("operation", revision.operation());
    tree.put("createTime", Tree.time(revision.createTime()));
    tree.put("readyTime", Tree.time(revision.readyTime()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Replica replica) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("host", replica.host());
    tree.put("pool", replica.pool());
    tree.put("state", replica.state().name());
    tree.put("failure", Tree.failure(replica.failure()));
    return tree;
  }

  /** One row for each image. */
  public static String table(List<Image> images, Instant now) {
    TextTable table =
        TextTable.withHeadings(
            "NAME", "LATEST", "ENGINE", "DATA", "HOSTS", "REVISIONS", "WARM", "AGE");
    for (Image image : images) {
      Optional<Revision> latest =
          image.revisions().stream().filter(r -> r.number() == image.latest()).findFirst();
      table.row(
          image.name(),
          image.latest() == 0 ? "none ready" : "" + image.latest(),
          (image.engine() + " " + latest.map(Revision::engineVersion).orElse("")).strip(),
          latest.map(r -> Units.sizeOrNothing(r.dataBytes())).orElse(""),
          latest.map(ImageView::readyHosts).orElse(""),
          "" + image.revisions().size(),
          waiting(image.warm()),
          Units.age(image.createTime(), now));
    }
    return table.toString();
  }

  /** {@code 2/3}: two wait, three are wanted. */
  private static String waiting(@Nullable WarmPool pool) {
    return pool == null ? "" : pool.ready() + "/" + pool.wanted();
  }

  private static String readyHosts(Revision revision) {
    return revision.replicas().stream()
        .filter(replica -> replica.state() == Replica.State.READY)
        .map(Replica::host)
        .collect(Collectors.joining(","));
  }

  /** An image: a line for each thing about it, then its revisions. */
  public static String text(Image image, Instant now) {
    TextTable head =
        TextTable.ofPairs()
            .pair("name", image.name())
            .pair("description", image.description())
            .pair("labels", Tree.pairs(image.labels()))
            .pair("engine", image.engine())
            .pair("latest", image.latest() == 0 ? "none ready" : "" + image.latest())
            .pair("warm", warmWords(image.warm()))
            .pair("default ttl", Units.length(image.lifetime().defaultTtl()))
            .pair("max ttl", Units.length(image.lifetime().maxTtl()))
            .pair("default idle ttl", Units.length(image.lifetime().defaultIdleTtl()))
            .pair("max idle ttl", Units.length(image.lifetime().maxIdleTtl()))
            .pair("max protect", Units.length(image.lifetime().maxProtect()))
            .pair("age", Units.age(image.createTime(), now));
    TextTable revisions =
        TextTable.withHeadings("REVISION", "STATE", "VERSION", "DATA", "REPLICAS", "AGE", "SOURCE");
    for (Revision revision : image.revisions()) {
      revisions.row(
          revision.reference(),
          state(revision),
          revision.engineVersion(),
          Units.sizeOrNothing(revision.dataBytes()),
          replicas(revision),
          Units.age(revision.createTime(), now),
          revision.source());
    }
    return head + "\n" + revisions;
  }

  private static String warmWords(@Nullable WarmPool pool) {
    if (pool == null) {
      return "";
    }
    String bounds =
        pool.max() > pool.min() ? "%d to %d".formatted(pool.min(), pool.max()) : "" + pool.min();
    return "%d of %d ready (%s asked for)".formatted(pool.ready(), pool.wanted(), bounds);
  }

  /** A revision: a line for each thing about it. */
  public static String text(Revision revision, Instant now) {
    Failure failure = revision.failure();
    return TextTable.ofPairs()
        .pair("revision", revision.reference())
        .pair("state", state(revision))
        .pair("failure", failure == null ? "" : failure.message())
        .pair("engine", (revision.engine() + " " + revision.engineVersion()).strip())
        .pair("source", revision.source())
        .pair("database", revision.database())
        .pair("databases", String.join(", ", revision.databases()))
        .pair("data", Units.sizeOrNothing(revision.dataBytes()))
        .pair("volume", Units.sizeOrNothing(revision.volumeBytes()))
        .pair("replicas", replicas(revision))
        .pair("operation", revision.operation())
        .pair("age", Units.age(revision.createTime(), now))
        .toString();
  }

  private static String state(Revision revision) {
    Failure failure = revision.failure();
    return revision.state().name() + (failure == null ? "" : " " + failure.code());
  }

  /** Host names; what is not ready says so. */
  private static String replicas(Revision revision) {
    return revision.replicas().stream()
        .map(replica ->
            replica.state() == Replica.State.READY
                ? replica.host()
                : replica.host() + " (" + replica.state().name() + ")")
        .collect(Collectors.joining(", "));
  }
}
