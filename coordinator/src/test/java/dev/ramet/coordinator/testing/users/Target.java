package dev.ramet.coordinator.testing.users;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What a clone is reset to.
 *
 * @param to as it is asked for
 * @param point what that is; empty: there is none
 */
record Target(String to, Optional<Point> point) {
  private static Target of(Point point) {
    return new Target(point.reference(), Optional.of(point));
  }

  static Target any(RandomGenerator random, World world, ModelClone clone) {
    Target begin = new Target("", Optional.of(clone.origin).filter(world::has));
    return switch (random.nextInt(8)) {
      case 0, 1 -> begin;
      case 2 -> new Target("latest", world.latest(clone.image));
      case 3 -> new Target(clone.reference("nope"), Optional.empty());
      case 4 -> of(World.BASE);
      default -> World.one(random, List.copyOf(clone.saves.values())).map(Target::of).orElse(begin);
    };
  }
}
