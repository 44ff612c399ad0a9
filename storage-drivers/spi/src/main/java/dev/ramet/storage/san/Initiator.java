package dev.ramet.storage.san;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A host as an array sees it.
 *
 * @param host the host's name with us
 * @param iqn its iSCSI name
 * @param chap what it shows the array; null: nothing
 * @param targetChap what the array shows it; null: nothing. Only together with {@code chap}
 */
public record Initiator(String host, String iqn, @Nullable Chap chap, @Nullable Chap targetChap) {
  private static final Pattern ISCSI_NAME =
      Pattern.compile("(iqn\\.[0-9]{4}-[0-9]{2}\\.|eui\\.|naa\\.)[a-z0-9.:-]{1,200}");

  /** Refuses what is no iSCSI name. */
  public Initiator {
    requireIscsiName(iqn);
    if (targetChap != null && chap == null) {
      throw new IllegalArgumentException("CHAP the other way needs CHAP this way");
    }
  }

  static void requireIscsiName(String name) {
    if (!ISCSI_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' is not an iSCSI name, as 'iqn.2026-11.com.example:host-a'".formatted(name));
    }
  }

  /** What it shows the array, if anything. */
  public Optional<Chap> chapIfAny() {
    return Optional.ofNullable(chap);
  }

  /** What the array shows it, if anything. */
  public Optional<Chap> targetChapIfAny() {
    return Optional.ofNullable(targetChap);
  }
}
