package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the name of the role that an instance was born with, where nobody tells it: a server lets
 * in only who names a role, and lists its roles only to those whom it let in. So the names that
 * role ever had are read from the file of {@code pg_authid} (relmapper.c, bufpage.h,
 * htup_details.h: the same from 12 on), and the server says which of them is true.
 */
final class FirstRole implements PrivateServer.Superuser {
  private static final int OID = 10;
  private static final int PG_AUTHID = 1260;
  private static final int MAP_MAGIC = 0x592717;
  private static final int PAGE_HEADER = 24;
  private static final int NAME_BYTES = 64;
  private static final int NORMAL_POINTER = 1;
  private static final int XMAX_INVALID = 0x0800;
  private static final long LARGEST = 64L << 20;

  @Override
  public String on(VolumeLayout layout) {
    List<String> names = names(layout.data());
    String why = "its catalog holds no role with oid 10";
    for (String name : names) {
      try (Connection connection =
              LocalConnection.open(layout.run(), PrivateServer.PORT, name, "template1");
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT rolname FROM pg_catalog.pg_roles WHERE oid = " + OID)) {
        if (row.next()) {
          return row.getString(1);
        }
      } catch (SQLException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    throw new AgentException(
        AgentError.LOAD_FAILED,
        "cannot log in to the data's server as the role that it was made with (names: %s): %s"
            .formatted(names, why));
  }

  /** What the role with oid 10 was called, the likeliest name first; after a checkpoint only. */
  static List<String> names(Path data) {
    Path global = data.resolve("global");
    try {
      Path file = global.resolve(Integer.toUnsignedString(fileNode(global)));
      if (Files.size(file) > LARGEST) {
        throw new IOException("it is larger than any list of roles");
      }
      ByteBuffer pages = read(file);
      List<String> live = new ArrayList<>();
      List<String> dead = new ArrayList<>();
      for (int page = 0; page + PAGE_HEADER <= pages.capacity(); ) {
        int size = Short.toUnsignedInt(pages.getShort(page + 18)) & 0xFF00;
        if (size != 0) {
          collect(pages.slice(page, size).order(ByteOrder.LITTLE_ENDIAN), live, dead);
        }
        page += size == 0 ? 8192 : size; // a page that was never written to
      }
      live.addAll(dead);
      return live.stream().distinct().toList();
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new AgentException(
          AgentError.LOAD_FAILED,
          "cannot read the roles of %s: %s".formatted(data, e.getMessage()),
          e);
    }
  }

  /** Name of the file that holds the table now. */
  private static int fileNode(Path global) throws IOException {
    ByteBuffer map = read(global.resolve("pg_filenode.map"));
    if (map.getInt(0) != MAP_MAGIC) {
      throw new IOException("pg_filenode.map is of another kind");
    }
    for (int i = 0; i < map.getInt(4); i++) {
      if (map.getInt(8 + 8 * i) == PG_AUTHID) {
        return map.getInt(12 + 8 * i);
      }
    }
    throw new IOException("pg_filenode.map does not hold them");
  }

  private static void collect(ByteBuffer page, List<String> live, List<String> dead) {
    int endOfPointers = Short.toUnsignedInt(page.getShort(12));
    for (int at = PAGE_HEADER; at + 4 <= endOfPointers; at += 4) {
      int pointer = page.getInt(at);
      if ((pointer >>> 15 & 3) != NORMAL_POINTER) {
        continue;
      }
      int tuple = pointer & 0x7FFF;
      int columns = tuple + Byte.toUnsignedInt(page.get(tuple + 22));
      if (page.getInt(columns) == OID) {
        boolean never = page.getInt(tuple + 4) == 0;
        boolean undone = (page.getShort(tuple + 20) & XMAX_INVALID) != 0;
        (never || undone ? live : dead).add(name(page, columns + 4));
      }
    }
  }

  private static String name(ByteBuffer page, int at) {
    byte[] bytes = new byte[NAME_BYTES];
    page.get(at, bytes);
    int length = 0;
    while (length < NAME_BYTES && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static ByteBuffer read(Path file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
