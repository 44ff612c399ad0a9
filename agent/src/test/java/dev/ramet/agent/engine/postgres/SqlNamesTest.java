package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlNamesTest {
  @Test
  void rolesAreFoundWhereverPgDumpNamesThem() {
    assertThat(SqlNames.rolesIn("ALTER TABLE public.t OWNER TO app;")).containsExactly("app");
    assertThat(SqlNames.rolesIn("ALTER TABLE public.t OWNER TO \"odd \"\" one\";"))
        .containsExactly("odd \" one");
    assertThat(SqlNames.rolesIn("GRANT SELECT ON TABLE public.t TO reader WITH GRANT OPTION;"))
        .containsExactly("reader");
    assertThat(SqlNames.rolesIn("REVOKE ALL ON SCHEMA public FROM writer;"))
        .containsExactly("writer");
    assertThat(SqlNames.rolesIn("CREATE SCHEMA s AUTHORIZATION boss;")).containsExactly("boss");
    assertThat(
            SqlNames.rolesIn(
                "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b;"))
        .containsExactlyInAnyOrder("a", "b");
    assertThat(SqlNames.rolesIn("CREATE POLICY p ON public.t FOR SELECT TO tenant USING (true);"))
        .containsExactly("tenant");
  }

  @Test
  void whatIsNoRoleOfTheDumpIsLeftAlone() {
    assertThat(SqlNames.rolesIn("GRANT SELECT ON TABLE t TO PUBLIC;")).isEmpty();
    assertThat(SqlNames.rolesIn("GRANT SELECT ON TABLE t TO pg_monitor;")).isEmpty();
    assertThat(SqlNames.rolesIn("SET SESSION AUTHORIZATION DEFAULT;")).isEmpty();
    assertThat(SqlNames.rolesIn("INSERT INTO t VALUES ('OWNER TO x');")).isEmpty();
    assertThat(SqlNames.rolesIn("CREATE TABLE t (id int);")).isEmpty();
  }

  @Test
  void aDatabasesNameIsNeverReadAsAConnectionString() {
    assertThat(SqlNames.connectionString("shop")).isEqualTo("dbname='shop'");
    assertThat(SqlNames.connectionString("host=evil")).isEqualTo("dbname='host=evil'");
    assertThat(SqlNames.connectionString("postgres://evil/x"))
        .isEqualTo("dbname='postgres://evil/x'");
    assertThat(SqlNames.connectionString("a' host='evil\\"))
        .isEqualTo("dbname='a\\' host=\\'evil\\\\'");
  }

  @Test
  void rolesThatTheDumpMakesItselfAndTablespacesAreFound() {
    assertThat(SqlNames.roleMadeBy("CREATE ROLE app;")).isEqualTo("app");
    assertThat(SqlNames.roleMadeBy("CREATE USER App WITH LOGIN;")).isEqualTo("app");
    assertThat(SqlNames.roleMadeBy("CREATE TABLE role (x int);")).isEmpty();
    assertThat(SqlNames.tablespaceIn("SET default_tablespace = fast;")).isEqualTo("fast");
    assertThat(SqlNames.tablespaceIn("SET default_tablespace = '';")).isEmpty();
    assertThat(SqlNames.tablespaceIn("SET default_tablespace = pg_default;")).isEmpty();
  }
}
