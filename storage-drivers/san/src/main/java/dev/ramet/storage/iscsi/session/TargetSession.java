package dev.ramet.storage.iscsi.session;

import dev.ramet.storage.iscsi.session.PortalException.Reason;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.TargetPortal;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session with a target, for some questions. Not safe for concurrent use. Its ISID is random, so
 * it takes the place of no other session of the same initiator (RFC 7143, section 6.3.5).
 */
public final class TargetSession implements AutoCloseable {
  private static final int READ_SIMPLE = 0x40 | 0x01;
  private static final int INQUIRY = 0x12;
  private static final int VITAL_PRODUCT_DATA = 1;
  private static final int ANSWER = 1024;
  private static final int STATUS_FOLLOWS = 0x01;
  private static final int FLAT_ADDRESS = 0x4000;
  private static final int SHORT_ADDRESSES = 256;

  private final Connection connection;
  private int commandNumber;
  private int nextStatus;

  private TargetSession(Connection connection, int commandNumber, int nextStatus) {
    this.connection = connection;
    this.commandNumber = commandNumber;
    this.nextStatus = nextStatus;
  }

  /**
   * Logs in. Follows a target that sends elsewhere (RFC 7143, section 11.13.5).
   *
   * @param chap what the initiator shows; null: nothing
   * @param atMost for the login and all that is asked afterwards
   * @throws PortalException with what is in the way
   */
  public static TargetSession login(
      String initiator, TargetPortal portal, @Nullable Chap chap, Duration atMost)
      throws PortalException {
    long end = System.nanoTime() + atMost.toNanos();
    String address = portal.address();
    for (int hops = 0; hops < 3; hops++) {
      Connection connection =
          Connection.open(address, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      try {
        Login login = new Login(connection, initiator, portal.iqn(), chap);
        String elsewhere = login.run();
        if (elsewhere == null) {
          return new TargetSession(connection, login.nextCommand(), login.nextStatus());
        }
        address = elsewhere;
        connection.close();
      } catch (PortalException | RuntimeException e) {
        connection.close();
        throw e;
      }
    }
    throw new PortalException(Reason.OTHER, "it sends from portal to portal");
  }

  /**
   * The LUN's names of the kind NAA, "naa.6..." (SPC-4, 7.8.6).
   *
   * @throws PortalException {@code NO_LUN}
   */
  public Set<String> names(int lun) throws PortalException {
    byte[] page = inquire(lun);
    if (!DeviceIdentification.connected(page)) {
      throw noLun(lun);
    }
    return DeviceIdentification.names(page);
  }

  private static PortalException noLun(int lun) {
    return new PortalException(Reason.NO_LUN, "the target has no LUN %d".formatted(lun));
  }

  private byte[] inquire(int lun) throws PortalException {
    Pdu command = Pdu.of(Pdu.COMMAND, Pdu.FINAL | READ_SIMPLE, new byte[0]);
    int address = lun < SHORT_ADDRESSES ? lun : FLAT_ADDRESS | lun;
    command.header().putShort(8, (short) address).putInt(16, 1).putInt(20, ANSWER);
    command.header().putInt(24, commandNumber++).putInt(28, nextStatus);
    command.header().put(32, (byte) INQUIRY).put(33, (byte) VITAL_PRODUCT_DATA);
    command.header().put(34, (byte) DeviceIdentification.PAGE).putShort(35, (short) ANSWER);
    byte[] data = new byte[0];
    for (Pdu pdu = connection.exchange(command); ; pdu = connection.receive()) {
      boolean in = pdu.opcode() == Pdu.DATA_IN;
      if (in) {
        data = pdu.data();
      }
      if (pdu.opcode() == Pdu.COMMAND_RESPONSE || (in && (pdu.flags() & STATUS_FOLLOWS) != 0)) {
        nextStatus = pdu.header().getInt(24) + 1;
        return good(pdu, lun, data);
      }
    }
  }

  /** A LUN that is not there is said so in the data, or by a status that is not good. */
  private static byte[] good(Pdu pdu, int lun, byte[] data) throws PortalException {
    if (pdu.unsigned(3) != 0) {
      throw noLun(lun);
    }
    return data;
  }

  /** Logs out. What the target says to that does not matter any more. */
  @Override
  public void close() {
    Pdu logout = Pdu.of(Pdu.LOGOUT, Pdu.FINAL, new byte[0]);
    logout.header().putInt(16, 2).putInt(24, commandNumber).putInt(28, nextStatus);
    try (connection) {
      connection.exchange(logout);
    } catch (PortalException e) {
      return; // the connection's end is as good
    }
  }
}
