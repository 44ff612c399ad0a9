package dev.ramet.agent.engine.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Arguments of {@code postgres} that no file and no ALTER SYSTEM can override. */
final class ServerCommand {
  private ServerCommand() {}

  /** Where its files are. {@code inside} tells how the server sees a place of the volume. */
  static List<String> places(UnaryOperator<String> inside) {
    List<String> arguments = new ArrayList<>(List.of("-D", inside.apply(VolumeLayout.DATA)));
    arguments.addAll(
        settings(
            Map.of(
                "config_file",
                inside.apply(VolumeLayout.CONFIG),
                "hba_file",
                inside.apply(VolumeLayout.HBA),
                "ident_file",
                inside.apply(VolumeLayout.IDENT),
                // Relative to PGDATA: short enough for the kernel however long the pool's path is.
                "unix_socket_directories",
                "../" + VolumeLayout.RUN,
                "archive_mode",
                "off")));
    return arguments;
  }

  /**
   * Where an instance listens: on port 0 on no network at all, so that its port only names the
   * socket in its volume.
   */
  static List<String> listening(String address, int port) {
    return settings(
        Map.of(
            "listen_addresses",
            port == 0 ? "" : address,
            "port",
            Integer.toString(socketPort(port))));
  }

  /** The port in the name of an instance's socket. */
  static int socketPort(int port) {
    return port == 0 ? PrivateServer.PORT : port;
  }

  static List<String> settings(Map<String, String> settings) {
    List<String> arguments = new ArrayList<>();
    new TreeMap<>(settings)
        .forEach((name, value) -> {
          arguments.add("-c");
          arguments.add(name + "=" + value);
        });
    return arguments;
  }
}
