package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.Secret;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
  @TempDir Path root;

  private final Manifest manifest =
      new Manifest(
          "15",
          "fingerprint",
          "Big \"Boss\"",
          "app",
          List.of("app", "postgres"),
          42,
          Map.of("max_connections", "120"));

  @Test
  void optionsComeAfterTheSourcesSettingsAndAreQuoted() throws IOException {
    VolumeLayout layout = new VolumeLayout(root);
    Files.createDirectories(root.resolve("ramet"));
    ServerConfig.writeForInstance(
        layout,
        manifest,
        Map.of("work_mem", "8MB", "search_path", "a\\b'c", "max_connections", "7"));
    assertThat(Files.readString(root.resolve("ramet/postgresql.conf")))
        .contains("max_connections = '7'\n", "work_mem = '8MB'\n", "search_path = 'a\\\\b''c'\n")
        .contains("shared_buffers = '128MB'\n")
        .doesNotContain("fsync");
    assertThat(Files.readString(root.resolve("ramet/pg_ident.conf")))
        .contains("ramet root \"Big \"\"Boss\"\"\"");
    assertThat(Files.readString(root.resolve("ramet/pg_hba.conf"))).doesNotContain("trust");
  }

  @Test
  void messagesAreEnglishWhateverTheSourceSpeaks() throws IOException {
    VolumeLayout layout = new VolumeLayout(root);
    Files.createDirectories(root.resolve("ramet"));
    Map<String, String> german = Map.of("lc_messages", "de_DE.UTF-8");
    ServerConfig.writeForLoad(layout, german, Map.of());
    assertThat(Files.readString(root.resolve("ramet/postgresql.conf")))
        .contains("lc_messages = 'C'\n")
        .doesNotContain("de_DE");
    Manifest old = new Manifest("15", "f", "boss", "app", List.of("app"), 42, german);
    ServerConfig.writeForInstance(layout, old, Map.of());
    assertThat(Files.readString(root.resolve("ramet/postgresql.conf")))
        .contains("lc_messages = 'C'\n")
        .doesNotContain("de_DE");
    assertThat(ServerConfig.sanitized(german)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "port",
        "PORT",
        "config_file",
        "x y",
        "a=b",
        "",
        "1a",
        "a.b.c",
        "include",
        "$(id)"
      })
  void namesThatAreNoSettingsOrOursAreRefused(String name) {
    assertThatThrownBy(() -> ServerConfig.check(Map.of(name, "1")))
        .isInstanceOf(AgentException.class);
  }

  @Test
  void valuesWithLineEndsAreRefusedAndOthersAreNot() {
    assertThatThrownBy(() -> ServerConfig.check(Map.of("work_mem", "1\nport=2")))
        .hasMessageContaining("work_mem");
    assertThatCode(
            () -> ServerConfig.check(Map.of("work_mem", "8MB", "pg_stat_statements.max", "100")))
        .doesNotThrowAnyException();
  }

  @Test
  void onlyHarmlessSettingsOfTheSourceAreCarriedOver() {
    assertThat(
            ServerConfig.sanitized(
                Map.of(
                    "shared_preload_libraries",
                    "pg_stat_statements, \"pg_cron\",auto_explain",
                    "primary_conninfo",
                    "host=production",
                    "max_connections",
                    "500")))
        .isEqualTo(
            Map.of(
                "shared_preload_libraries",
                "pg_stat_statements,auto_explain",
                "max_connections",
                "500"));
  }

  @Test
  void aManifestIsReadAsItWasWrittenAndAHalfOneIsNone() throws IOException {
    VolumeLayout layout = new VolumeLayout(root);
    assertThat(Manifest.read(layout)).isEmpty();
    Files.createDirectories(root.resolve("ramet"));
    manifest.write(layout);
    assertThat(Manifest.read(layout)).isEqualTo(Optional.of(manifest));
    Files.writeString(layout.manifest(), "{\"format\": 1, \"version\": \"15\"}");
    assertThat(Manifest.read(layout)).isEmpty();
  }

  @Test
  void progressOfABaseBackupIsReadInBytes() {
    assertThat(BaseBackup.progress("  1024/2048 kB (50%), 0/1 tablespace"))
        .hasValueSatisfying(p -> assertThat(p).containsExactly(1L << 20, 1L << 21));
    assertThat(BaseBackup.progress("pg_basebackup: error: 1/2 kB")).isEmpty();
  }

  @Test
  void theVerifierIsTheOneThatRfc7677Gives() {
    byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    assertThat(ScramVerifier.of(new Secret("pencil"), salt))
        .isEqualTo(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  }
}
