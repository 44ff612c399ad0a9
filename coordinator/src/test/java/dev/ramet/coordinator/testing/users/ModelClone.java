package dev.ramet.coordinator.testing.users;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A clone as it should be. */
final class ModelClone {
  String name;
  final CloneSpec spec;
  final String url;
  final String uid;

  /** In the order in which they were kept. */
  final Map<String, Point> saves = new LinkedHashMap<>();

  boolean running = true;
  boolean isProtected;
  boolean expires;

  /** One of these its data hold: more than one after a write whose answer was lost. */
  Set<String> words;

  /** What its data began as. */
  Point origin;

  /** What that was called then. */
  private String originName;

  String image;
  long revision;

  ModelClone(Clone made, CloneSpec spec, Point point) {
    this.name = made.name();
    this.spec = spec;
    this.url = made.url().reveal();
    this.uid = made.uid();
    this.words = point.words();
    this.origin = point;
    this.originName = point.reference();
    this.image = point.image();
    this.revision = point.revision();
  }

  /** What the data of a clone become that a reset takes away. */
  static ModelClone kept(Clone made, ModelClone before) {
    ModelClone kept = new ModelClone(made, before.spec, before.origin);
    kept.words = before.words;
    kept.originName = before.originName;
    kept.image = before.image;
    kept.revision = before.revision;
    kept.expires = before.expires;
    kept.isProtected = before.isProtected;
    kept.running = false;
    return kept;
  }

  void begin(Point point) {
    words = point.words();
    origin = point;
    originName = point.reference();
    image = point.image();
    revision = point.revision();
  }

  void keep(String save) {
    saves.put(save, Point.save(this, save));
  }

  /** What its data began as, by what that is called now; once it is gone, by what it was called. */
  String origin(World world) {
    return world.has(origin) ? origin.reference() : originName;
  }

  String reference(String save) {
    return name + "@" + save;
  }

  Clone.State state() {
    return running ? Clone.State.READY : Clone.State.STOPPED;
  }

  @Override
  public String toString() {
    return "%s %s of %s holding one of %s".formatted(name, state(), originName, words);
  }
}
