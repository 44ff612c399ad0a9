package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Secret;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's URL: {@code postgres://user:password@host:port/database?sslmode=require}. What it does
 * not know, it refuses.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 5432 where the URL has none
 * @param user "postgres" where the URL has none
 * @param password none where the URL has none
 * @param database empty where the URL has none
 * @param sslmode as libpq has it; "prefer" where the URL has none
 */
record PostgresUrl(
    String host, int port, String user, Secret password, String database, String sslmode) {
  static final int DEFAULT_PORT = 5432;
  private static final Pattern URL =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^:@/?#\\[\\]]*)(?::(?<password>[^@/?#]*))?@)?"
              + "(?<host>\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9._-]+)(?::(?<port>\\d{1,5}))?"
              + "(?:/(?<database>[^/?#]*))?(?:\\?(?<query>[^#]*))?");
  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** Whether this is meant to be a URL of a server, well formed or not. */
  static boolean looksLikeOne(String location) {
    return location.contains("://");
  }

  /** Refuses what is no URL of a PostgreSQL server; the message does not repeat it. */
  static PostgresUrl parse(String location) {
    Matcher url = URL.matcher(location);
    if (!url.matches()) {
      throw invalid("it must have the form postgres://USER:PASSWORD@HOST:PORT/DATABASE");
    }
    String host = url.group("host");
    if (host.startsWith("-")) {
      throw invalid("a host cannot begin with '-'");
    }
    return new PostgresUrl(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port(url.group("port")),
        or(decode(url.group("user"), "user"), "postgres"),
        new Secret(decode(url.group("password"), "password")),
        decode(url.group("database"), "database"),
        sslmode(url.group("query")));
  }

  /** "host:port". */
  String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static int port(@Nullable String text) {
    if (text == null) {
      return DEFAULT_PORT;
    }
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65535) {
      throw invalid("port " + port + " does not exist");
    }
    return port;
  }

  private static String sslmode(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return "prefer";
    }
    String mode = "prefer";
    for (String parameter : query.split("&", -1)) {
      if (!parameter.startsWith("sslmode=")) {
        throw invalid(
            "parameter '%s' is not known; only sslmode is"
                .formatted(parameter.replaceFirst("=.*", "")));
      }
      mode = parameter.substring("sslmode=".length());
      if (!SSL_MODES.contains(mode)) {
        throw invalid("sslmode must be one of " + SSL_MODES.stream().sorted().toList());
      }
    }
    return mode;
  }

  private static String decode(@Nullable String text, String part) {
    if (text == null) {
      return "";
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.write(raw[i]);
        continue;
      }
      int high = i + 2 <= raw.length - 1 ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 <= raw.length - 1 ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw invalid("its " + part + " has a '%' that two hex digits do not follow; write %25");
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    return text(bytes.toByteArray(), part);
  }

  private static String text(byte[] bytes, String part) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.chars().anyMatch(Character::isISOControl)) {
        throw invalid("its " + part + " holds a control character");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw invalid("its " + part + " is not UTF-8");
    }
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static AgentException invalid(String why) {
    return new AgentException(
        AgentError.INVALID_ARGUMENT, "the source is no PostgreSQL URL: " + why);
  }
}
