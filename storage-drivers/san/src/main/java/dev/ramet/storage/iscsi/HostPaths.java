package dev.ramet.storage.iscsi;

import java.nio.file.Path;

/**
 * Where a host keeps what open-iscsi and the kernel tell.
 *
 * @param sys sysfs
 * @param dev device nodes
 * @param iscsi open-iscsi's configuration and node records
 * @param run files of running daemons
 */
record HostPaths(Path sys, Path dev, Path iscsi, Path run) {
  static final HostPaths HOST =
      new HostPaths(Path.of("/sys"), Path.of("/dev"), Path.of("/etc/iscsi"), Path.of("/run"));

  Path initiatorName() {
    return iscsi.resolve("initiatorname.iscsi");
  }
}
