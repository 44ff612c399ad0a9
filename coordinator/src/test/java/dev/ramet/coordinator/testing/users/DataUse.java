package dev.ramet.coordinator.testing.users;

import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** What one user does with the data of its clones. */
final class DataUse {
  private final String name;
  private final Site site;
  private final Asking asking;
  private final RandomGenerator random;
  private int written;

  DataUse(String name, Site site, Asking asking, RandomGenerator random) {
    this.name = name;
    this.site = site;
    this.asking = asking;
    this.random = random;
  }

  /** Reads, and often writes something else. */
  void use(ModelClone clone) throws Exception {
    if (!clone.running) {
      refusesConnections(clone);
      return;
    }
    asking.untilDone(() -> read(clone));
    if (random.nextInt(3) > 0) {
      String words = name + " " + written++;
      site.timeline().tell(name, "write '%s' into %s".formatted(words, clone.name));
      write(clone, words);
    }
  }

  private void refusesConnections(ModelClone clone) {
    try {
      String words = site.contents().read(site.client().clones().get(clone.name));
      throw new AssertionError(clone + " is stopped, and answers: " + words);
    } catch (Exception e) {
      site.timeline().tell(name, clone.name + " refuses connections");
    }
  }

  String read(ModelClone clone) throws Exception {
    String words = site.contents().read(site.client().clones().get(clone.name));
    if (!clone.words.contains(words)) {
      throw new AssertionError("%s: %s holds '%s'".formatted(name, clone, words));
    }
    clone.words = Set.of(words);
    return words;
  }

  private void write(ModelClone clone, String words) throws Exception {
    try {
      site.contents().write(site.client().clones().get(clone.name), words);
      clone.words = Set.of(words);
    } catch (Exception e) {
      if (!asking.isPatient()) {
        throw e;
      }
      site.timeline().tell(name, "not known whether '%s' was written: %s".formatted(words, e));
      Set<String> possible = new TreeSet<>(clone.words);
      possible.add(words);
      clone.words = possible;
    }
  }
}
