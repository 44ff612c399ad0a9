package dev.ramet.cli;

import dev.ramet.client.Secret;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code --from} leads to, with the password from where it need not be seen. */
final class SourceLocation {
  /** user, password (with its colon) and the rest of a URL with a user in it. */
  private static final Pattern WITH_USER =
      Pattern.compile("(postgres(?:ql)?://)([^:@/?]+)(:[^@/]*)?@(.+)");

  private final Environment environment;

  SourceLocation(Environment environment) {
    this.environment = environment;
  }

  static boolean isUrl(String from) {
    return from.startsWith("postgres://") || from.startsWith("postgresql://");
  }

  /** The URL with its password, an array's volume, or the file's absolute path. */
  Secret resolve(String from) {
    String location = from.equals("-") ? firstLine() : from;
    if (location.isBlank()) {
      throw new CommandException(ExitCode.USAGE, "--from is empty: give a URL or a file");
    }
    if (isUrl(location)) {
      return Secret.of(withPassword(location));
    }
    if (location.startsWith("san://")) {
      return Secret.of(location);
    }
    if (location.matches("[A-Za-z][A-Za-z0-9+.-]*://.*")) {
      String scheme = location.substring(0, location.indexOf(':'));
      throw new CommandException(
          ExitCode.USAGE,
          "--from "
              + scheme
              + "://... is not understood: give postgres://user@host:port/database,"
              + " san://ARRAY/VOLUME or a file");
    }
    return Secret.of(environment.workingDirectory().resolve(location).normalize().toString());
  }

  private String firstLine() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(environment.in(), StandardCharsets.UTF_8))
              .readLine();
      return line == null ? "" : line.strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read standard input", e);
    }
  }

  private String withPassword(String url) {
    Matcher matcher = WITH_USER.matcher(url);
    if (!matcher.matches() || matcher.group(3) != null) {
      return url;
    }
    String password = password(matcher.group(2));
    return password == null
        ? url
        : matcher.group(1) + matcher.group(2) + ":" + encoded(password) + "@" + matcher.group(4);
  }

  /** Null where there is none: a server may trust us. */
  private @Nullable String password(String user) {
    String variable =
        environment.variable("RAMET_SOURCE_PASSWORD", environment.variable("PGPASSWORD", ""));
    if (!variable.isEmpty()) {
      return variable;
    }
    Console console = environment.inTerminal() ? System.console() : null;
    if (console == null) {
      return null;
    }
    char[] typed = console.readPassword("password of %s at the source (empty: none): ", user);
    return typed == null || typed.length == 0 ? null : new String(typed);
  }

  private static String encoded(String password) {
    return URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
