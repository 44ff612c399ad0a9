package dev.ramet.storage.iscsi.session;

import dev.ramet.storage.iscsi.session.PortalException.Reason;
import dev.ramet.storage.san.Chap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The login phase (RFC 7143, section 6.3): security, then operational parameters, each in as many
 * rounds as the target wants.
 */
final class Login {
  private static final int SECURITY = 0;
  private static final int OPERATIONAL = 1;
  private static final int FULL_FEATURE = 3;
  private static final int TRANSIT = 0x80;
  private static final int ROUNDS = 12;

  /** What is asked of the target is small and in order; the rest are the least that all have. */
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("HeaderDigest", "None"),
          Map.entry("DataDigest", "None"),
          Map.entry("MaxRecvDataSegmentLength", "65536"),
          Map.entry("InitialR2T", "Yes"),
          Map.entry("ImmediateData", "No"),
          Map.entry("MaxBurstLength", "65536"),
          Map.entry("FirstBurstLength", "65536"),
          Map.entry("DefaultTime2Wait", "2"),
          Map.entry("DefaultTime2Retain", "0"),
          Map.entry("MaxOutstandingR2T", "1"),
          Map.entry("MaxConnections", "1"),
          Map.entry("ErrorRecoveryLevel", "0"),
          Map.entry("DataPDUInOrder", "Yes"),
          Map.entry("DataSequenceInOrder", "Yes"));

  private final Connection connection;
  private final String initiator;
  private final String target;
  private final @Nullable Chap chap;
  private final int session = ThreadLocalRandom.current().nextInt();
  private int commandNumber;
  private int nextStatus;
  private short targetSession;

  Login(Connection connection, String initiator, String target, @Nullable Chap chap) {
    this.connection = connection;
    this.initiator = initiator;
    this.target = target;
    this.chap = chap;
  }

  int nextCommand() {
    return commandNumber;
  }

  int nextStatus() {
    return nextStatus;
  }

  /**
   * Goes through the phase.
   *
   * @return null where the login is done; else the address that the target sends us to
   */
  @Nullable String run() throws PortalException {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("InitiatorName", initiator);
    keys.put("SessionType", "Normal");
    keys.put("TargetName", target);
    keys.put("AuthMethod", chap == null ? "None" : "CHAP,None");
    int stage = SECURITY;
    for (int round = 0; round < ROUNDS; round++) {
      Pdu answer = connection.exchange(request(stage, keys));
      Map<String, String> said = TextKeys.decode(answer.data());
      if (answer.unsigned(36) == 1) {
        return address(said);
      }
      requireSuccess(answer);
      nextStatus = answer.header().getInt(24) + 1;
      commandNumber = answer.header().getInt(28);
      targetSession = answer.header().getShort(14);
      if ((answer.flags() & TRANSIT) != 0) {
        stage = answer.flags() & 3;
        if (stage == FULL_FEATURE) {
          return null;
        }
        keys = PARAMETERS;
      } else {
        keys = stage == SECURITY ? authenticate(said) : Map.of();
      }
    }
    throw new PortalException(Reason.OTHER, "its login has no end");
  }

  /** RFC 7143, section 11.12; transit is asked for as soon as we have nothing more to say. */
  private Pdu request(int stage, Map<String, String> keys) {
    boolean more = keys.containsKey("CHAP_A");
    int next = stage == SECURITY ? OPERATIONAL : FULL_FEATURE;
    int flags = (more ? 0 : TRANSIT | next) | (stage << 2);
    Pdu pdu = Pdu.of(Pdu.LOGIN, flags, TextKeys.encode(keys));
    pdu.header().put(8, (byte) 0x80).putInt(9, session).putShort(14, targetSession);
    pdu.header().putInt(24, commandNumber).putInt(28, nextStatus);
    return pdu;
  }

  private Map<String, String> authenticate(Map<String, String> said) throws PortalException {
    if (said.containsKey("CHAP_C")) {
      return ChapAnswer.to(said, required());
    }
    if ("CHAP".equals(said.get("AuthMethod"))) {
      required();
      return Map.of("CHAP_A", ChapAnswer.MD5);
    }
    if (said.containsKey("AuthMethod") || said.containsKey("CHAP_A")) {
      throw authentication();
    }
    return Map.of();
  }

  private Chap required() throws PortalException {
    if (chap == null) {
      throw authentication();
    }
    return chap;
  }

  private PortalException authentication() {
    return new PortalException(
        Reason.AUTHENTICATION,
        chap == null
            ? "the target wants CHAP, and has none to go by"
            : "CHAP refused: the name or the secret is not the target's");
  }

  private void requireSuccess(Pdu answer) throws PortalException {
    if (answer.opcode() != Pdu.LOGIN_RESPONSE) {
      throw new PortalException(Reason.OTHER, "it does not speak iSCSI");
    }
    int status = (answer.unsigned(36) << 8) | answer.unsigned(37);
    switch (status) {
      case 0 -> {}
      case 0x0201 -> throw authentication();
      case 0x0202 ->
          throw new PortalException(
              Reason.NO_TARGET, "the target does not let %s in".formatted(initiator));
      case 0x0203 ->
          throw new PortalException(
              Reason.NO_TARGET, "it has no target %s for %s".formatted(target, initiator));
      default ->
          throw new PortalException(
              Reason.OTHER,
              "it refuses the login with status %04x (RFC 7143, section 11.13.5)"
                  .formatted(status));
    }
  }

  /** "10.0.0.6:3260,1": without the portal group's tag. */
  private static String address(Map<String, String> said) throws PortalException {
    String address = said.get("TargetAddress");
    if (address == null) {
      throw new PortalException(Reason.OTHER, "it sends elsewhere without saying where");
    }
    return address.split(",", -1)[0];
  }
}
