package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.JnaKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportsTest {
  @TempDir Path directory;
  private HostPaths paths;
  private Layout layout;

  @BeforeEach
  void start() throws IOException {
    paths =
        new HostPaths(
            directory.resolve("sys"),
            directory.resolve("dev"),
            directory,
            directory.resolve("run"));
    layout = new Layout(Files.createDirectory(directory.resolve("pool")));
  }

  private LunTransport choose(String... installed) throws IOException {
    return new Transports(new JnaKernel(), new Installed(Set.of(installed)), paths).choose(layout);
  }

  /** Programs that are there, and do nothing. */
  private record Installed(Set<String> names) implements Programs {
    @Override
    public boolean has(String program) {
      return names.contains(program);
    }

    @Override
    public Completed run(Invocation invocation) {
      throw new AssertionError(invocation);
    }
  }

  private void kernelCan() throws IOException {
    Files.createDirectories(paths.sys().resolve("module/iscsi_tcp"));
  }

  @Test
  void openIscsiIsUsedWhereTheKernelCanByTheHostsName() throws IOException {
    kernelCan();
    Files.writeString(
        paths.initiatorName(), "## by hand\nInitiatorName=iqn.1993-08.org.debian:01:abc\n");
    LunTransport transport = choose("iscsiadm", "qemu-storage-daemon");
    assertThat(transport).isInstanceOf(OpenIscsiTransport.class);
    assertThat(transport.initiatorName()).isEqualTo("iqn.1993-08.org.debian:01:abc");
  }

  @Test
  void qemuIsUsedWhereTheKernelCannotByANameOfThePools() throws IOException {
    LunTransport transport = choose("iscsiadm", "qemu-storage-daemon");
    assertThat(transport).isInstanceOf(QemuTransport.class);
    assertThat(transport.initiatorName()).matches("iqn\\.2026-11\\.dev\\.ramet:[0-9a-f]{12}");
    assertThat(choose("qemu-storage-daemon").initiatorName()).isEqualTo(transport.initiatorName());
  }

  @Test
  void whatIsMissingIsNamedWithItsPackage() throws IOException {
    assertThat(choose().lacks().orElseThrow()).contains("qemu-system-common", "qemu-block-extra");
    kernelCan();
    assertThat(choose().lacks().orElseThrow()).contains("package open-iscsi");
  }

  @Test
  void aChoiceIsKeptWhateverIsInstalledLater() throws IOException {
    choose("qemu-storage-daemon");
    kernelCan();
    assertThat(choose("iscsiadm", "qemu-storage-daemon")).isInstanceOf(QemuTransport.class);
    Files.writeString(layout.root().resolve("transport"), "carrier-pigeon\n");
    assertThatThrownBy(() -> choose("iscsiadm"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("carrier-pigeon");
  }
}
