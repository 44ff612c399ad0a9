package dev.ramet.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The removal of one host's orphans.
 *
 * @param failure why the host was not asked, or will not answer any more
 * @param done it is carried out
 * @param removed ids
 * @param kept what could not be removed
 */
public record Reap(
    String host, @Nullable Failure failure, boolean done, List<String> removed, List<Kept> kept) {
  public Reap {
    removed = List.copyOf(removed);
    kept = List.copyOf(kept);
  }

  /** An orphan that stays for now, with the reason. */
  public record Kept(String id, String reason) {}
}
