package dev.ramet.storage.linux.reflink;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotWriter;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.Verbs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Fills a file without a name; committing gives it one. Dropped by being closed or killed. */
final class RawWriter implements SnapshotWriter {
  private final Verbs verbs;
  private final PoolFiles files;
  private final Snapshot snapshot;
  private final Descriptor file;
  private final FileChannel channel;
  private boolean closed;

  private RawWriter(
      Verbs verbs, PoolFiles files, Snapshot snapshot, Descriptor file, FileChannel channel) {
    this.verbs = verbs;
    this.files = files;
    this.snapshot = snapshot;
    this.file = file;
    this.channel = channel;
  }

  static RawWriter open(Kernel kernel, Verbs verbs, PoolFiles files, Snapshot snapshot)
      throws IOException {
    Descriptor file = files.newSnapshotFile();
    try {
      kernel.truncate(file.fd(), snapshot.size().bytes());
      Path reopened = Path.of("/proc/self/fd").resolve(Integer.toString(file.fd()));
      FileChannel channel = FileChannel.open(reopened, StandardOpenOption.WRITE);
      return new RawWriter(verbs, files, snapshot, file, channel);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void write(long offset, ByteBuffer content) {
    if (offset < 0 || offset > snapshot.size().bytes() - content.remaining()) {
      throw new StorageException(
          StorageError.OUT_OF_RANGE,
          "%d bytes at %d are beyond the %d bytes of snapshot %s"
              .formatted(content.remaining(), offset, snapshot.size().bytes(), snapshot.id()));
    }
    verbs.execute(
        "write snapshot " + snapshot.id(), StorageError.IO, () -> writeAll(offset, content));
  }

  private void writeAll(long offset, ByteBuffer content) throws IOException {
    long position = offset;
    while (content.hasRemaining()) {
      position += channel.write(content, position);
    }
  }

  @Override
  public Snapshot commit() {
    return verbs.run(
        "commit snapshot " + snapshot.id(),
        StorageError.IO,
        () -> {
          if (!tolerating(
              Errno.EEXIST, () -> files.publish(file, snapshot.id(), snapshot.source()))) {
            throw exists();
          }
          return snapshot;
        });
  }

  private StorageException exists() {
    return new StorageException(
        StorageError.ALREADY_EXISTS,
        "snapshot %s was made by somebody else meanwhile".formatted(snapshot.id()));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      file.close();
      verbs.execute("close snapshot " + snapshot.id(), StorageError.IO, channel::close);
    }
  }
}
