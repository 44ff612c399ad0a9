package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlDumpInputTest {
  private final List<String> statements = new ArrayList<>();

  private SqlDumpInput input(String dump, boolean cluster) {
    return new SqlDumpInput(
        new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)),
        cluster,
        "postgres",
        statements::add);
  }

  private String passed(String dump, boolean cluster) throws IOException {
    try (SqlDumpInput input = input(dump, cluster)) {
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aDumpOfOneDatabaseIsPassedOnUnchanged() throws IOException {
    String dump =
        "-- PostgreSQL database dump\nCREATE ROLE postgres;\nCOPY t FROM stdin;\nOWNER TO x;\n\\.\n"
            + "ALTER TABLE t OWNER TO ü;\nno newline at the end";
    assertThat(passed(dump, false)).isEqualTo(dump);
    assertThat(statements).contains("ALTER TABLE t OWNER TO ü;").doesNotContain("OWNER TO x;");
  }

  @Test
  void aRowOfAnyLengthPassesInPiecesAndIsNotLookedAt() throws IOException {
    String row = "x".repeat(3_000_000) + " CREATE ROLE postgres;\n";
    String dump = "COPY t FROM stdin;\n" + row + "\\.\nCREATE ROLE postgres;\nSELECT 1;\n";
    StringBuilder out = new StringBuilder();
    try (SqlDumpInput input = input(dump, true)) {
      byte[] room = new byte[8 << 20];
      for (int read = input.read(room); read >= 0; read = input.read(room)) {
        assertThat(read).isLessThan(1 << 18);
        out.append(new String(room, 0, read, StandardCharsets.UTF_8));
      }
    }
    assertThat(out).hasToString("COPY t FROM stdin;\n" + row + "\\.\nSELECT 1;\n");
    assertThat(statements).contains("SELECT 1;");
  }

  @Test
  void inADumpOfAServerItsOwnSuperuserAndFoldersAreLeftOut() throws IOException {
    assertThat(
            passed(
                """
                CREATE ROLE postgres;
                CREATE ROLE app;
                CREATE TABLESPACE fast OWNER postgres LOCATION '/mnt/fast';
                \\connect app
                CREATE ROLE postgres;
                """,
                true))
        .isEqualTo(
            """
            CREATE ROLE app;
            SET allow_in_place_tablespaces = on; CREATE TABLESPACE fast OWNER postgres LOCATION '';
            \\connect app
            CREATE ROLE postgres;
            """);
  }

  @Test
  void aDumpWithoutItsEndIsCutShort() throws IOException {
    SqlDumpInput whole =
        input("-- PostgreSQL database dump\n--\n-- PostgreSQL database dump complete\n", false);
    whole.readAllBytes();
    assertThat(whole.isCutShort()).isFalse();
    SqlDumpInput cut = input("-- PostgreSQL database dump\nSELECT 1;\n", false);
    cut.readAllBytes();
    assertThat(cut.isCutShort()).isTrue();
    SqlDumpInput byHand = input("SELECT 1;\n", false);
    byHand.readAllBytes();
    assertThat(byHand.isCutShort()).isFalse();
  }

  @Test
  void whatCannotBeUnpackedIsRemembered() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() {
            throw new IllegalArgumentException("malformed");
          }
        };
    SqlDumpInput input = new SqlDumpInput(broken, false, "postgres", statements::add);
    assertThatThrownBy(input::readAllBytes).isInstanceOf(IOException.class);
    assertThat(input.failure()).hasMessageContaining("malformed");
  }
}
