package dev.ramet.agent.array;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.Initiator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a volume, as it is kept: one line, its parts apart by spaces.
 *
 * @param iqn iSCSI name of the initiator
 * @param chap what it has to show; null: nothing
 * @param targetChap what it is shown; null: nothing
 */
record Access(String iqn, @Nullable Chap chap, @Nullable Chap targetChap) {
  private static final String NONE = "-";
  private static final int PARTS = 5;

  static Access of(Initiator initiator) {
    for (Chap chap : new Chap[] {initiator.chap(), initiator.targetChap()}) {
      if (chap != null && (chap.user() + chap.secret()).chars().anyMatch(Character::isWhitespace)) {
        throw new AgentException(AgentError.INVALID_ARGUMENT, "CHAP: no spaces, please");
      }
    }
    return new Access(initiator.iqn(), initiator.chap(), initiator.targetChap());
  }

  static Access parse(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != PARTS) {
      throw new AgentException(AgentError.IO, "a line of an export is damaged");
    }
    return new Access(parts[0], chap(parts[1], parts[2]), chap(parts[3], parts[4]));
  }

  private static @Nullable Chap chap(String user, String secret) {
    return user.equals(NONE) ? null : new Chap(user, secret);
  }

  List<Chap> chaps() {
    return Stream.of(chap, targetChap).filter(Objects::nonNull).map(Chap.class::cast).toList();
  }

  /** With another secret of the same user. */
  Access with(Chap changed) {
    return new Access(iqn, changed(chap, changed), changed(targetChap, changed));
  }

  private static @Nullable Chap changed(@Nullable Chap has, Chap changed) {
    return has != null && has.user().equals(changed.user()) ? changed : has;
  }

  String line() {
    return iqn + " " + text(chap) + " " + text(targetChap);
  }

  private static String text(@Nullable Chap chap) {
    return chap == null ? NONE + " " + NONE : chap.user() + " " + chap.secret();
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return iqn;
  }
}
