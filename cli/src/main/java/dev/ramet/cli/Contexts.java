package dev.ramet.cli;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Named servers, in {@code config.properties} below {@code $XDG_CONFIG_HOME/ramet} or {@code
 * ~/.config/ramet}, readable by its owner alone.
 *
 * <p>The file: {@code current=NAME} and, for each context, {@code context.NAME.server=HOST:PORT}.
 * Every write replaces the whole file at once; what else stands in it is kept.
 */
final class Contexts {
  private static final String DEFAULT_SERVER = "127.0.0.1:9440";
  private static final String PREFIX = "context.";
  private static final String SERVER = ".server";

  private final Environment environment;
  private final Path file;

  private Contexts(Environment environment, Path file) {
    this.environment = environment;
    this.file = file;
  }

  static Contexts of(Environment environment) {
    String home = environment.variable("HOME", System.getProperty("user.home", "/"));
    String config = environment.variable("XDG_CONFIG_HOME", home + "/.config");
    return new Contexts(environment, Path.of(config, "ramet", "config.properties"));
  }

  Path file() {
    return file;
  }

  /**
   * The server to talk to: the option, the option's context, the variables, the current context.
   */
  String server(@Nullable String option, @Nullable String contextOption) {
    if (option != null) {
      return option;
    }
    if (contextOption != null) {
      return serverOf(contextOption);
    }
    String variable = environment.variable("RAMET_SERVER", "");
    if (!variable.isEmpty()) {
      return variable;
    }
    String context = environment.variable("RAMET_CONTEXT", "");
    if (!context.isEmpty()) {
      return serverOf(context);
    }
    return current().map(this::serverOf).orElse(DEFAULT_SERVER);
  }

  private String serverOf(String context) {
    String server = all().get(context);
    if (server == null) {
      throw unknown(context);
    }
    return server;
  }

  /** Server by context, sorted. */
  Map<String, String> all() {
    Map<String, String> servers = new TreeMap<>();
    Properties properties = read();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(PREFIX) && key.endsWith(SERVER)) {
        String name = key.substring(PREFIX.length(), key.length() - SERVER.length());
        servers.put(name, properties.getProperty(key));
      }
    }
    return servers;
  }

  Optional<String> current() {
    return Optional.ofNullable(read().getProperty("current")).filter(name -> !name.isEmpty());
  }

  void set(String name, String server, boolean use) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,62}")) {
      throw new CommandException(
          ExitCode.USAGE,
          "\"" + name + "\" is no context name: use letters, digits, - and _, at most 63");
    }
    Properties properties = read();
    properties.setProperty(PREFIX + name + SERVER, server);
    if (use || properties.getProperty("current", "").isEmpty()) {
      properties.setProperty("current", name);
    }
    write(properties);
  }

  void use(String name) {
    Properties properties = read();
    if (!properties.containsKey(PREFIX + name + SERVER)) {
      throw unknown(name);
    }
    properties.setProperty("current", name);
    write(properties);
  }

  /** False where there is none of that name. */
  boolean remove(String name) {
    Properties properties = read();
    boolean there = properties.remove(PREFIX + name + SERVER) != null;
    if (name.equals(properties.getProperty("current"))) {
      properties.remove("current");
    }
    if (there) {
      write(properties);
    }
    return there;
  }

  private CommandException unknown(String name) {
    return new CommandException(
        ExitCode.NOT_FOUND,
        "no context \""
            + name
            + "\" in "
            + file
            + ": see ramet context ls, or make it with ramet context set");
  }

  private Properties read() {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return properties; // no contexts yet
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.FAILED, "cannot read " + file + " (" + e.getMessage() + "): mend or remove it");
    }
    return properties;
  }

  private void write(Properties properties) {
    try {
      Files.createDirectories(
          file.toAbsolutePath().getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path temporary =
          file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
      try (FileChannel channel =
              FileChannel.open(
                  temporary,
                  Set.of(
                      StandardOpenOption.CREATE,
                      StandardOpenOption.TRUNCATE_EXISTING,
                      StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")));
          Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
        properties.store(writer, "Written by ramet context");
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
