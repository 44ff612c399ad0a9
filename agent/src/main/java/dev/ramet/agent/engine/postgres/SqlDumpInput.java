package dev.ramet.agent.engine.postgres;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plain SQL dump on its way to psql. Each statement's line is shown to a listener before it is
 * passed on; rows of COPY are not looked at. Statements of pg_dumpall that cannot work in a volume
 * of ours are rewritten.
 */
final class SqlDumpInput extends InputStream {
  private static final Pattern COPY = Pattern.compile("^COPY .* FROM stdin;\\s*$", Pattern.DOTALL);
  private static final Pattern TABLESPACE =
      Pattern.compile("^(CREATE TABLESPACE .*) LOCATION '[^']*';\\s*$", Pattern.DOTALL);
  private static final int LONGEST_LOOKED_AT = 100_000;

  private final InputStream source;
  private final boolean cluster;
  private final String superuser;
  private final Consumer<String> statements;
  private final byte[] block = new byte[1 << 16];
  private int blockStart;
  private int blockEnd;
  private byte[] line = {};
  private int lineStart;
  private boolean inCopy;
  private boolean midLine;
  private boolean connected;
  private boolean finished;
  private volatile @Nullable IOException failure;
  private volatile boolean sawHead;
  private volatile boolean sawEnd;

  SqlDumpInput(InputStream source, boolean cluster, String superuser, Consumer<String> statements) {
    this.source = source;
    this.cluster = cluster;
    this.superuser = superuser;
    this.statements = statements;
  }

  /** Why reading it ended early; null: it did not. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Whether pg_dump wrote the head, but the end is missing. */
  boolean isCutShort() {
    return sawHead && !sawEnd;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (lineStart == line.length && !nextLine()) {
      return -1;
    }
    int count = Math.min(length, line.length - lineStart);
    System.arraycopy(line, lineStart, buffer, offset, count);
    lineStart += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private boolean nextLine() throws IOException {
    try {
      do {
        boolean begins = !midLine;
        line = readPiece();
        lineStart = 0;
        if (line.length == 0) {
          return false;
        }
        midLine = line[line.length - 1] != '\n';
        line = begins ? passed(line) : line;
      } while (line.length == 0);
      return true;
    } catch (IOException e) {
      failure = e;
      throw e;
    } catch (RuntimeException e) {
      // The unpacker's way to say that its input is damaged.
      IOException damaged = new IOException(String.valueOf(e.getMessage()), e);
      failure = damaged;
      throw damaged;
    }
  }

  private byte[] passed(byte[] raw) {
    if (inCopy) {
      inCopy = !(raw.length >= 2 && raw[0] == '\\' && raw[1] == '.');
      return raw;
    }
    if (raw.length > LONGEST_LOOKED_AT) {
      return raw;
    }
    String text = new String(raw, StandardCharsets.UTF_8);
    if (text.startsWith("-- PostgreSQL database ")) {
      boolean end = text.stripTrailing().endsWith("dump complete");
      sawEnd = end;
      sawHead |= !end;
    }
    inCopy = COPY.matcher(text).matches();
    String shown = cluster ? ofCluster(text) : text;
    statements.accept(shown.stripTrailing());
    return shown.equals(text) ? raw : shown.getBytes(StandardCharsets.UTF_8);
  }

  private String ofCluster(String text) {
    if (connected || text.startsWith("\\connect")) {
      connected = true;
      return text;
    }
    if (text.stripTrailing().equals("CREATE ROLE " + superuser + ";")) {
      return ""; // Every instance is born with it; what it may do follows in ALTER ROLE.
    }
    Matcher tablespace = TABLESPACE.matcher(text);
    return tablespace.matches()
        ? "SET allow_in_place_tablespaces = on; " + tablespace.group(1) + " LOCATION '';\n"
        : text;
  }

  /**
   * A line with its end; of one that is longer than what is looked at, a piece: a row may hold a
   * value of a gigabyte. Empty at the end of the stream.
   */
  private byte[] readPiece() throws IOException {
    ByteArrayOutputStream collected = new ByteArrayOutputStream();
    while (!finished && collected.size() <= LONGEST_LOOKED_AT) {
      for (int i = blockStart; i < blockEnd; i++) {
        if (block[i] == '\n') {
          collected.write(block, blockStart, i + 1 - blockStart);
          blockStart = i + 1;
          return collected.toByteArray();
        }
      }
      collected.write(block, blockStart, blockEnd - blockStart);
      blockStart = 0;
      blockEnd = Math.max(source.read(block), 0);
      finished = blockEnd == 0;
    }
    return collected.toByteArray();
  }
}
