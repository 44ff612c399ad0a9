package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.linux.Verbs;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/** Reads a raw file from data to data, holes left out. */
final class RawReader implements SnapshotReader {
  private final Kernel kernel;
  private final Verbs verbs;
  private final Snapshot snapshot;
  private final Descriptor file;
  private final FileChannel channel;
  private final ByteSize data;

  private long position;
  private long dataEnd;

  private RawReader(
      Kernel kernel,
      Verbs verbs,
      Snapshot snapshot,
      Descriptor file,
      FileChannel channel,
      ByteSize data) {
    this.kernel = kernel;
    this.verbs = verbs;
    this.snapshot = snapshot;
    this.file = file;
    this.channel = channel;
    this.data = data;
  }

  static RawReader open(Kernel kernel, Verbs verbs, Path path, Snapshot snapshot)
      throws IOException {
    Descriptor file = Descriptor.open(kernel, path, OpenFlags.READ_ONLY);
    try {
      ByteSize data = RawContent.data(kernel, file);
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new RawReader(kernel, verbs, snapshot, file, channel, data);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public ByteSize size() {
    return snapshot.size();
  }

  @Override
  public ByteSize data() {
    return data;
  }

  @Override
  public long read(ByteBuffer into) {
    return verbs.run("read snapshot " + snapshot.id(), StorageError.IO, () -> next(into));
  }

  private long next(ByteBuffer into) throws IOException {
    if (position == dataEnd && !seek()) {
      return -1;
    }
    long start = position;
    ByteBuffer piece = into.slice();
    piece.limit((int) Math.min(piece.remaining(), dataEnd - position));
    int read = channel.read(piece, start);
    if (read < 0) {
      throw new EOFException("the file ends at %d, within its data".formatted(start));
    }
    into.position(into.position() + read);
    position += read;
    return start;
  }

  private boolean seek() throws IOException {
    OptionalLong start = kernel.nextData(file.fd(), position);
    if (start.isEmpty()) {
      return false;
    }
    position = start.getAsLong();
    dataEnd = kernel.nextHole(file.fd(), position);
    return true;
  }

  @Override
  public void close() {
    file.close();
    verbs.execute("close snapshot " + snapshot.id(), StorageError.IO, channel::close);
  }
}
