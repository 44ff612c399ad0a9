package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** The host's iSCSI name. */
final class InitiatorName {
  private static final String OURS = "iqn.2026-11.dev.ramet:";
  private static final String KEY = "InitiatorName=";
  private static final int RANDOM = 6;

  private InitiatorName() {}

  /**
   * The name in the pool; made by chance where there is none, and durable before it is told to
   * anybody. Later calls: the same.
   */
  static String ofPool(Kernel kernel, Layout layout) throws IOException {
    Path file = layout.initiatorName();
    if (!Files.exists(file)) {
      publish(kernel, layout);
    }
    String name = Files.readString(file).strip();
    if (!name.startsWith("iqn.")) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY,
          "%s holds no iSCSI name: write the one that the array knows this host by into it, or remove it"
              .formatted(file));
    }
    return name;
  }

  private static void publish(Kernel kernel, Layout layout) throws IOException {
    byte[] random = new byte[RANDOM];
    new SecureRandom().nextBytes(random);
    try (Descriptor file = Descriptor.unnamed(kernel, layout.root(), 0644)) {
      kernel.write(file.fd(), OURS + HexFormat.of().formatHex(random) + "\n");
      kernel.sync(file.fd());
      KernelException.tolerating(
          Errno.EEXIST, () -> kernel.link(file.fd(), layout.initiatorName()));
    }
    Descriptor.syncDirectory(kernel, layout.root());
  }

  /** The name in open-iscsi's file, {@code InitiatorName=iqn...}; empty where it has none. */
  static Optional<String> ofHost(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> line.startsWith(KEY))
        .map(line -> line.substring(KEY.length()).strip())
        .filter(name -> !name.isEmpty())
        .findFirst();
  }
}
