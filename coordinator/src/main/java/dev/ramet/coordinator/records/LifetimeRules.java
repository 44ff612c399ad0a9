package dev.ramet.coordinator.records;

import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.v1.ImageLifetime;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the lives of one image's clones go by: what the image says, within what the server says.
 *
 * @param defaultTtl zero: none
 * @param defaultIdleTtl zero: none
 */
public record LifetimeRules(
    Duration defaultTtl, Limit ttl, Duration defaultIdleTtl, Limit idleTtl, Limit protection) {

  /**
   * The most that may be asked for.
   *
   * @param most zero: anything
   * @param by who says so
   */
  public record Limit(Duration most, String by) {
    public boolean isNone() {
      return most.isZero();
    }

    public boolean allows(Duration length) {
      return isNone() || length.compareTo(most) <= 0;
    }

    private Limit and(Limit other) {
      boolean looser = isNone() || (!other.isNone() && other.most.compareTo(most) < 0);
      return looser ? other : this;
    }
  }

  /** Of clones of this image; the server's alone where there is no such image any more. */
  public static LifetimeRules of(View view, LifetimePolicy server, String image) {
    return of(
        server,
        image,
        view.get(Keys.image(image))
            .map(record -> record.value().getLifetime())
            .orElse(ImageLifetime.getDefaultInstance()));
  }

  public static LifetimeRules of(LifetimePolicy server, String image, ImageLifetime own) {
    Limit ttl = limit(server.maxTtl(), own.getMaxTtl(), image);
    Limit idleTtl = limit(server.maxIdleTtl(), own.getMaxIdleTtl(), image);
    return new LifetimeRules(
        byDefault(own.getDefaultTtl(), server.defaultTtl(), ttl),
        ttl,
        byDefault(own.getDefaultIdleTtl(), server.defaultIdleTtl(), idleTtl),
        idleTtl,
        limit(server.maxProtect(), own.getMaxProtect(), image));
  }

  private static Limit limit(Duration server, com.google.protobuf.Duration own, String image) {
    return new Limit(server, "this server").and(new Limit(Times.duration(own), "image " + image));
  }

  /** A limit is also the default where there is no other, and no default goes beyond it. */
  private static Duration byDefault(
      com.google.protobuf.Duration own, Duration server, Limit limit) {
    Optional<Duration> said =
        Stream.of(Times.duration(own), server).filter(length -> !length.isZero()).findFirst();
    return said.filter(limit::allows).orElse(limit.most());
  }
}
