package dev.ramet.coordinator.testing.users;

import dev.ramet.client.Clone;
import dev.ramet.client.RametClient;
import dev.ramet.client.Revision;
import dev.ramet.client.Save;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records against the model. */
final class Differences {
  private Differences() {}

  /** What of a clone that was just dealt with is not as it should be; null: nothing. */
  static @Nullable String of(ModelClone model, World world, Clone now) {
    if (now.state() != model.state() || now.life().reconciling()) {
      return "is %s%s: %s"
          .formatted(now.state(), now.life().reconciling() ? ", not at rest" : "", now.failure());
    }
    if (!now.uid().equals(model.uid)) {
      return "is another one: " + now.uid();
    }
    if (!now.url().reveal().equals(model.url)) {
      return "has moved from %s to %s".formatted(model.url, now.url().reveal());
    }
    if (!now.life().origin().equals(model.origin(world))) {
      return "is of " + now.life().origin();
    }
    if (!now.image().equals(model.image) || now.revision() != model.revision) {
      return "is of image %s:%d".formatted(now.image(), now.revision());
    }
    if ((now.life().protectedUntil() != null) != model.isProtected) {
      return "is protected until " + now.life().protectedUntil();
    }
    if ((now.life().expireTime() != null) != model.expires) {
      return "expires at " + now.life().expireTime();
    }
    return null;
  }

  /** All that a user has. */
  static List<String> of(String user, World world, RametClient client) {
    List<String> found = new ArrayList<>();
    List<Clone> clones =
        client.clones().list().stream().filter(clone -> isOf(user, clone.name())).toList();
    compare(found, "clones", world.clones.keySet(), clones.stream().map(Clone::name).toList());
    for (Clone clone : clones) {
      ModelClone model = world.clones.get(clone.name());
      @Nullable String difference = model == null ? null : of(model, world, clone);
      if (difference != null) {
        found.add("%s: %s".formatted(model, difference));
      }
    }
    compare(
        found,
        user + "'s saves",
        world.saves(),
        client.clones().saves("").stream()
            .filter(save -> isOf(user, save.owner()))
            .map(Save::reference)
            .toList());
    compare(
        found,
        user + "'s revisions",
        world.revisions.keySet().stream().map(number -> world.image + ":" + number).toList(),
        client.images().list().stream()
            .filter(image -> image.name().equals(world.image))
            .flatMap(image -> image.revisions().stream())
            .filter(revision -> revision.state() == Revision.State.READY)
            .map(revision -> world.image + ":" + revision.number())
            .toList());
    return found;
  }

  private static boolean isOf(String user, String clone) {
    return clone.startsWith(user + "-");
  }

  private static void compare(
      List<String> found, String what, Collection<String> wanted, Collection<String> there) {
    if (!new TreeSet<>(wanted).equals(new TreeSet<>(there)) || wanted.size() != there.size()) {
      found.add("%s: %s instead of %s".formatted(what, there, wanted));
    }
  }
}
