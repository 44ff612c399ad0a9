package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The configuration files that a server of ours runs by. The source's own are never used: they name
 * places, archives and replicas of production.
 */
final class ServerConfig {
  /** Settings of a source that its data or its users' queries need in a clone too. */
  static final List<String> CARRIED =
      List.of(
          "bytea_output",
          "datestyle",
          "default_text_search_config",
          "default_toast_compression",
          "default_transaction_isolation",
          "intervalstyle",
          "lc_monetary",
          "lc_numeric",
          "lc_time",
          "max_connections",
          "max_locks_per_transaction",
          "max_pred_locks_per_transaction",
          "max_prepared_transactions",
          "max_replication_slots",
          "max_wal_senders",
          "max_worker_processes",
          "shared_preload_libraries",
          "standard_conforming_strings",
          "timezone",
          "track_commit_timestamp");

  /** Preloaded libraries that would act on their own in a clone: run jobs, replicate, fail over. */
  static final Set<String> LEFT_OUT =
      Set.of(
          "bdr",
          "citus_failover",
          "pg_auto_failover",
          "pgautofailover",
          "pg_cron",
          "pg_partman_bgw",
          "pg_squeeze",
          "pg_task",
          "pgl_ddl_deploy",
          "pglogical",
          "repmgr",
          "spock");

  /** What an instance is told by its call, not by an option. */
  private static final Set<String> OURS =
      Set.of(
          "archive_command",
          "archive_library",
          "archive_mode",
          "config_file",
          "data_directory",
          "external_pid_file",
          "hba_file",
          "ident_file",
          "include",
          "include_dir",
          "include_if_exists",
          "lc_messages",
          "listen_addresses",
          "log_destination",
          "log_directory",
          "logging_collector",
          "port",
          "primary_conninfo",
          "primary_slot_name",
          "recovery_target",
          "restore_command",
          "unix_socket_directories",
          "unix_socket_permissions");

  private static final Pattern NAME =
      Pattern.compile("[a-zA-Z_][a-zA-Z0-9_$]{0,62}(\\.[a-zA-Z_][a-zA-Z0-9_$]{0,62})?");
  private static final int LONGEST_VALUE = 1000;

  /** The first version with {@code recovery_init_sync_method}. */
  private static final int RECOVERS_BY_SYNCFS = 14;

  private ServerConfig() {}

  /** For a server that recovers data as a crash left them, and has nothing else to do. */
  static Map<String, String> ofRecovery(String version) {
    Map<String, String> settings = new HashMap<>(Map.of("autovacuum", "off"));
    if (Integer.parseInt(version) >= RECOVERS_BY_SYNCFS) {
      settings.put("recovery_init_sync_method", "syncfs");
    }
    return settings;
  }

  /** Refuses options that are no settings, or that are not the user's to set. */
  static void check(Map<String, String> options) {
    options.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw refused("'%s' is not the name of a PostgreSQL setting".formatted(printable(name)));
      }
      if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
        throw refused("'%s' is set by Ramet and cannot be an engine option".formatted(name));
      }
      if (value.length() > LONGEST_VALUE || value.chars().anyMatch(Character::isISOControl)) {
        throw refused(
            "the value of '%s' holds a control character or is longer than %d"
                .formatted(name, LONGEST_VALUE));
      }
    });
  }

  /** Writes the files of a clone's server. */
  static void writeForInstance(
      VolumeLayout layout, Manifest manifest, Map<String, String> options) {
    Map<String, String> settings = new LinkedHashMap<>(DEFAULTS);
    if (Integer.parseInt(manifest.version()) >= RECOVERS_BY_SYNCFS) {
      // a volume is a file system of its own: one call instead of a thousand before a recovery
      settings.put("recovery_init_sync_method", "syncfs");
    }
    settings.putAll(new TreeMap<>(manifest.settings()));
    settings.put("lc_messages", "C"); // What it says is read by its English words.
    settings.putAll(new TreeMap<>(options));
    write(layout, VolumeLayout.CONFIG, render(settings));
    write(
        layout,
        VolumeLayout.HBA,
        """
        # Written by Ramet at every start.
        local all         all     peer map=ramet
        host  all         all all scram-sha-256
        host  replication all all scram-sha-256
        """);
    write(
        layout,
        VolumeLayout.IDENT,
        "# Written by Ramet at every start.\nramet root %s\n"
            .formatted(quoted(manifest.superuser())));
  }

  /** Writes the files of the server that runs during a load: reached only through its folder. */
  static void writeForLoad(
      VolumeLayout layout, Map<String, String> carried, Map<String, String> more) {
    Map<String, String> settings = new LinkedHashMap<>(DEFAULTS);
    settings.putAll(new TreeMap<>(carried));
    settings.put("lc_messages", "C");
    settings.putAll(more);
    write(layout, VolumeLayout.CONFIG, render(settings));
    write(layout, VolumeLayout.HBA, "# Written by Ramet.\nlocal all all trust\n");
    write(layout, VolumeLayout.IDENT, "# Written by Ramet.\n");
  }

  /** Those of the carried settings that a clone should really have. */
  static Map<String, String> sanitized(Map<String, String> ofSource) {
    Map<String, String> settings = new TreeMap<>(ofSource);
    settings.keySet().retainAll(CARRIED);
    String libraries = settings.getOrDefault("shared_preload_libraries", "");
    List<String> kept =
        Pattern.compile(",")
            .splitAsStream(libraries)
            .map(library -> library.strip().replace("\"", ""))
            .filter(library -> !library.isEmpty() && !LEFT_OUT.contains(library))
            .toList();
    settings.remove("shared_preload_libraries");
    if (!kept.isEmpty()) {
      settings.put("shared_preload_libraries", String.join(",", kept));
    }
    return settings;
  }

  /** Safe for durability, small in memory, silent towards the outside. */
  private static final Map<String, String> DEFAULTS = defaults();

  private static Map<String, String> defaults() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("shared_buffers", "128MB");
    settings.put("huge_pages", "off");
    // goes with the server's IPC namespace however it ends, and knows no /dev/shm of 64 MB
    settings.put("dynamic_shared_memory_type", "sysv");
    settings.put("password_encryption", "scram-sha-256");
    settings.put("wal_level", "replica");
    settings.put("archive_mode", "off");
    settings.put("max_logical_replication_workers", "0");
    settings.put("log_destination", "stderr");
    settings.put("logging_collector", "off");
    settings.put("log_line_prefix", "%m [%p] %q%u@%d ");
    settings.put("log_timezone", "Etc/UTC");
    settings.put("ssl", "off");
    return settings;
  }

  private static String render(Map<String, String> settings) {
    StringBuilder file = new StringBuilder("# Written by Ramet at every start.\n");
    settings.forEach((name, value) ->
        file.append(name)
            .append(" = '")
            .append(value.replace("\\", "\\\\").replace("'", "''"))
            .append("'\n"));
    return file.toString();
  }

  /** For pg_ident.conf. */
  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static void write(VolumeLayout layout, String place, String content) {
    Path file = layout.root().resolve(place);
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw VolumeLayout.failure("write", file, e);
    }
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static AgentException refused(String why) {
    return new AgentException(AgentError.ENGINE_OPTION_INVALID, why);
  }
}
