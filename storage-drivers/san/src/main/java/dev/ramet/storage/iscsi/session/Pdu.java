package dev.ramet.storage.iscsi.session;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A protocol data unit without digests and additional headers (RFC 7143, section 11.2). */
final class Pdu {
  static final int LOGIN = 0x43; // immediate
  static final int LOGIN_RESPONSE = 0x23;
  static final int COMMAND = 0x01;
  static final int COMMAND_RESPONSE = 0x21;
  static final int DATA_IN = 0x25;
  static final int LOGOUT = 0x46; // immediate
  static final int FINAL = 0x80;

  private static final int HEADER = 48;
  private static final int LENGTH = 4;
  private static final int MOST = 1 << 20;

  private final ByteBuffer header;
  private final byte[] data;

  private Pdu(ByteBuffer header, byte[] data) {
    this.header = header;
    this.data = data;
  }

  /** A header of zeros but for the first two bytes. */
  static Pdu of(int opcode, int flags, byte[] data) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.put(0, (byte) opcode).put(1, (byte) flags).putInt(LENGTH, data.length);
    return new Pdu(header, data);
  }

  /** Its 48 bytes, to be filled. */
  ByteBuffer header() {
    return header;
  }

  /** Without padding. */
  byte[] data() {
    return data;
  }

  int opcode() {
    return header.get(0) & 0x3f;
  }

  int flags() {
    return header.get(1) & 0xff;
  }

  int unsigned(int position) {
    return header.get(position) & 0xff;
  }

  void send(OutputStream out) throws IOException {
    byte[] all = new byte[HEADER + padded(data.length)];
    header.get(0, all, 0, HEADER);
    System.arraycopy(data, 0, all, HEADER, data.length);
    out.write(all);
    out.flush();
  }

  static Pdu receive(DataInputStream in) throws IOException {
    byte[] header = new byte[HEADER];
    in.readFully(header);
    ByteBuffer parsed = ByteBuffer.wrap(header);
    int additional = (header[LENGTH] & 0xff) * Integer.BYTES;
    int length = parsed.getInt(LENGTH) & 0xffffff;
    if (length > MOST) {
      throw new IOException("it sent %d bytes at once".formatted(length));
    }
    in.skipNBytes(additional);
    byte[] data = new byte[length];
    in.readFully(data);
    in.skipNBytes(padded(length) - length);
    return new Pdu(parsed, data);
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }
}
