package dev.ramet.coordinator.testing.users;

import dev.ramet.client.RametClient;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where users are: an installation with the image {@code app}, revision 1, on every host.
 *
 * @param runtimes of clones, one of which a user chooses
 */
public record Site(
    RametClient client, Contents contents, int hosts, List<String> runtimes, Timeline timeline) {
  public Site {
    runtimes = List.copyOf(runtimes);
  }

  String runtime(RandomGenerator random) {
    return runtimes.get(random.nextInt(runtimes.size()));
  }
}
