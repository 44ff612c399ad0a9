package dev.ramet.coordinator.testing.users;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What one user has, as it should be; no I/O. */
final class World {
  /** Of everybody; nobody changes it. */
  static final Point BASE = Point.revision("app", 1, Set.of(Contents.FRESH));

  final SortedMap<String, ModelClone> clones = new TreeMap<>();

  /** The user's own image, by number. */
  final SortedMap<Long, Point> revisions = new TreeMap<>();

  final String image;

  World(String user) {
    this.image = user + "-image";
  }

  Optional<ModelClone> any(RandomGenerator random) {
    return one(random, List.copyOf(clones.values()));
  }

  Optional<Point> anySave(RandomGenerator random) {
    return one(
        random, clones.values().stream().flatMap(clone -> clone.saves.values().stream()).toList());
  }

  static <T> Optional<T> one(RandomGenerator random, List<T> all) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }

  /** The newest revision of an image that this user may know. */
  Optional<Point> latest(String name) {
    if (name.equals(BASE.image())) {
      return Optional.of(BASE);
    }
    return revisions.isEmpty() ? Optional.empty() : Optional.of(revisions.get(revisions.lastKey()));
  }

  /** It is there still. */
  boolean has(Point point) {
    return point == BASE
        || revisions.containsValue(point)
        || clones.values().stream().anyMatch(point::isSaveOf);
  }

  void rename(ModelClone clone, String name) {
    clones.remove(clone.name);
    clone.name = name;
    clones.put(name, clone);
  }

  /** Other clones stand on this save. */
  boolean hasBranches(ModelClone of, String save) {
    Point point = of.saves.get(save);
    return clones.values().stream().anyMatch(clone -> clone != of && clone.origin == point);
  }

  boolean hasBranches(ModelClone of) {
    return of.saves.keySet().stream().anyMatch(save -> hasBranches(of, save));
  }

  boolean isUsed(Point revision) {
    return clones.values().stream()
        .anyMatch(
            clone -> clone.image.equals(revision.image()) && clone.revision == revision.revision());
  }

  /** References of all saves. */
  List<String> saves() {
    List<String> all = new ArrayList<>();
    clones
        .values()
        .forEach(clone -> clone.saves.keySet().forEach(s -> all.add(clone.reference(s))));
    return all;
  }
}
