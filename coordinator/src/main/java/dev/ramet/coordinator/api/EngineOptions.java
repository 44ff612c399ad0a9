package dev.ramet.coordinator.api;

import dev.ramet.coordinator.names.DnsLabel;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which engine settings a user may give. Whether the server knows one shows when it starts. */
final class EngineOptions {
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_.]{0,62}");
  private static final int MAX_OPTIONS = 100;
  private static final int MAX_VALUE = 1000;

  /** Ramet sets these itself, or they would reach out of the clone. */
  private static final Set<String> RESERVED =
      Set.of(
          "port",
          "listen_addresses",
          "data_directory",
          "config_file",
          "hba_file",
          "ident_file",
          "external_pid_file",
          "unix_socket_directories",
          "unix_socket_group",
          "unix_socket_permissions",
          "archive_command",
          "restore_command",
          "archive_cleanup_command",
          "recovery_end_command",
          "ssl_passphrase_command",
          "include",
          "include_dir",
          "include_if_exists");

  private EngineOptions() {}

  static void check(RequestCheck check, String field, Map<String, String> options) {
    check.require(
        options.size() <= MAX_OPTIONS, field, "more than %d options".formatted(MAX_OPTIONS));
    options.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        check.fault(field, "%s is not the name of a setting".formatted(DnsLabel.quote(name)));
      } else if (RESERVED.contains(name)) {
        check.fault(field, "'%s' cannot be set for a clone".formatted(name));
      }
      check.require(
          value.length() <= MAX_VALUE && RequestCheck.isPlain(value),
          field,
          "the value of %s is longer than %d characters or has control characters"
              .formatted(DnsLabel.quote(name), MAX_VALUE));
    });
  }
}
