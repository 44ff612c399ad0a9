package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that no registry has. */
class DockerImagesIT {
  private static final Path SCRIPT = Path.of("../deploy/images/build").toAbsolutePath().normalize();
  private static final Programs POSTGRES = new Programs("postgres", "15");

  /** No such host: a pull fails at once. */
  private static final String REGISTRY = "registry.invalid/ramet-it/";

  @TempDir Path folder;

  @AfterEach
  void removeTag() throws InterruptedException {
    LabDocker.command("rmi", REGISTRY + POSTGRES);
  }

  @Test
  void anImageThatNoRegistryGivesIsBuiltHereOnTheEngineThatTheAgentUses() throws Exception {
    runtime(SCRIPT).ensurePrograms(POSTGRES);
    assertThat(LabDocker.command("image", "inspect", REGISTRY + POSTGRES).ok()).isTrue();
    assertThat(LabDocker.command("image", "inspect", POSTGRES.toString()).ok()).isTrue();
  }

  @Test
  void aBuildThatFailsSaysWithWhat() throws Exception {
    Path script = folder.resolve("build");
    Files.writeString(script, "#!/bin/sh\necho \"no room for $1 at $DOCKER_HOST\"\nexit 1\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> runtime(script).ensurePrograms(POSTGRES))
        .isInstanceOfSatisfying(
            AgentException.class,
            e -> assertThat(e.error()).isEqualTo(AgentError.ENGINE_IMAGE_MISSING))
        .hasMessageContaining("no room for postgres:15 at " + LabDocker.endpoint())
        .hasMessageContaining("no registry gave it");
  }

  private static DockerRuntime runtime(Path script) {
    return new DockerRuntime(
        new DockerSettings(
            "it-images",
            LabDocker.endpoint(),
            REGISTRY,
            Optional.of(script),
            List.of(POSTGRES.toString())));
  }
}
