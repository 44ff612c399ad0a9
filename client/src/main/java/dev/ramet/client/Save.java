package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A point of a clone's data that is kept.
 *
 * @param name one of its kind in its clone
 * @param owner the clone whose it is
 * @param uid differs between two saves that had the same name one after the other
 * @param message by whoever made it
 * @param parent what the data were made from, or the save that they had last
 * @param host where it is
 * @param branches clones that were made from it and exist
 * @param deleting its deletion is under way
 * @param clean the server was stopped: what is made of it needs no crash recovery
 * @param ownBytes what deleting it frees; null: its host did not tell in time, or nobody asked
 */
public record Save(
    String name,
    String owner,
    String uid,
    String message,
    @Nullable Instant createTime,
    String parent,
    String host,
    List<String> branches,
    boolean deleting,
    boolean clean,
    @Nullable Long ownBytes) {
  public Save {
    branches = List.copyOf(branches);
  }

  /** As it is referred to: {@code clone@save}. */
  public String reference() {
    return owner + "@" + name;
  }
}
