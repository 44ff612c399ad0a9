package dev.ramet.agent.engine.postgres;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the roles and tablespaces that a dump's statements need and a dump of one database does not
 * make, as pg_dump writes them: one statement on one line.
 */
final class SqlNames {
  private static final String NAME = "(\"(?:[^\"]|\"\")+\"|[A-Za-z_][A-Za-z0-9_$]*)";
  private static final List<Pattern> ROLES =
      List.of(
          Pattern.compile("\\bOWNER TO " + NAME + ";"),
          Pattern.compile("\\bAUTHORIZATION '?" + NAME + "'?;"),
          Pattern.compile("^GRANT .* TO " + NAME + "(?: WITH .*)?;"),
          Pattern.compile("^REVOKE .* FROM " + NAME + "(?: .*)?;"),
          Pattern.compile("^ALTER DEFAULT PRIVILEGES FOR ROLE " + NAME),
          Pattern.compile("^ALTER DEFAULT PRIVILEGES .* GRANT .* TO " + NAME),
          Pattern.compile("^ALTER DEFAULT PRIVILEGES .* REVOKE .* FROM " + NAME),
          Pattern.compile("^CREATE POLICY .* TO " + NAME),
          Pattern.compile("^CREATE USER MAPPING FOR " + NAME),
          Pattern.compile("^ALTER ROLE " + NAME + " IN DATABASE "));
  private static final Pattern MADE =
      Pattern.compile("(?i)^CREATE (?:ROLE|USER|GROUP) " + NAME + "(?! MAPPING)\\b.*");
  private static final Pattern TABLESPACE =
      Pattern.compile(
          "(?:^SET default_tablespace = |^(?:CREATE|ALTER) .* (?:SET )?TABLESPACE )" + NAME + ";");
  private static final Set<String> NO_ROLES =
      Set.of("public", "current_user", "current_role", "session_user", "default", "mapping");

  private SqlNames() {}

  /** For {@code --dbname}: a bare name with '=' or '://' would be read as a connection string. */
  static String connectionString(String database) {
    return "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /** Roles that this line needs. */
  static Set<String> rolesIn(String line) {
    Set<String> roles = new LinkedHashSet<>();
    for (Pattern pattern : ROLES) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        String quoted = matcher.group(1);
        String name = unquote(quoted);
        boolean special = !quoted.startsWith("\"") && NO_ROLES.contains(name);
        if (!special && !name.startsWith("pg_")) {
          roles.add(name);
        }
      }
    }
    return roles;
  }

  /** The role that this line makes; empty: none. */
  static String roleMadeBy(String line) {
    Matcher matcher = MADE.matcher(line);
    return matcher.matches() ? unquote(matcher.group(1)) : "";
  }

  /** The tablespace that this line needs; empty: none. */
  static String tablespaceIn(String line) {
    Matcher matcher = TABLESPACE.matcher(line);
    if (!matcher.find()) {
      return "";
    }
    String name = unquote(matcher.group(1));
    return name.startsWith("pg_") ? "" : name;
  }

  /** As SQL reads it. */
  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String unquote(String name) {
    return name.startsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name.toLowerCase(Locale.ROOT);
  }
}
