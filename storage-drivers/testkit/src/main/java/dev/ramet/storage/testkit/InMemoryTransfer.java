package dev.ramet.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.SnapshotWriter;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.testkit.InMemoryPool.Frozen;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;

/** Content as one run of bytes, and back: for each file its name, its length, its bytes. */
final class InMemoryTransfer {
  private InMemoryTransfer() {}

  static final class Reader implements SnapshotReader {
    private final ByteSize size;
    private final ByteBuffer all;

    Reader(ByteSize size, SortedMap<String, byte[]> content) {
      this.size = size;
      this.all = serialised(content);
    }

    private static ByteBuffer serialised(SortedMap<String, byte[]> content) {
      int length = Integer.BYTES;
      for (var file : content.entrySet()) {
        length += 2 * Integer.BYTES + file.getKey().getBytes(UTF_8).length + file.getValue().length;
      }
      ByteBuffer all = ByteBuffer.allocate(length).putInt(content.size());
      content.forEach((name, bytes) -> {
        byte[] encoded = name.getBytes(UTF_8);
        all.putInt(encoded.length).put(encoded).putInt(bytes.length).put(bytes);
      });
      return all.flip();
    }

    @Override
    public ByteSize size() {
      return size;
    }

    @Override
    public ByteSize data() {
      return new ByteSize(all.limit());
    }

    @Override
    public long read(ByteBuffer into) {
      if (!all.hasRemaining()) {
        return -1;
      }
      int at = all.position();
      int length = Math.min(into.remaining(), all.remaining());
      into.put(all.slice(at, length));
      all.position(at + length);
      return at;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  static final class Writer implements SnapshotWriter {
    private final InMemoryPool pool;
    private final Snapshot snapshot;
    private final TreeMap<Long, byte[]> pieces = new TreeMap<>();

    Writer(InMemoryPool pool, Snapshot snapshot) {
      this.pool = pool;
      this.snapshot = snapshot;
    }

    @Override
    public void write(long offset, ByteBuffer content) {
      if (offset < 0 || offset > snapshot.size().bytes() - content.remaining()) {
        throw new StorageException(
            StorageError.OUT_OF_RANGE,
            "offset %d is beyond snapshot %s".formatted(offset, snapshot.id()));
      }
      byte[] piece = new byte[content.remaining()];
      content.get(piece);
      pieces.put(offset, piece);
    }

    @Override
    public Snapshot commit() {
      pool.put(snapshot.id(), new Frozen(snapshot.source(), snapshot.size(), parsed()));
      return snapshot;
    }

    private SortedMap<String, byte[]> parsed() {
      SortedMap<String, byte[]> content = new TreeMap<>();
      ByteBuffer all = whole();
      for (int file = all.getInt(); file > 0; file--) {
        byte[] name = new byte[all.getInt()];
        all.get(name);
        byte[] bytes = new byte[all.getInt()];
        all.get(bytes);
        content.put(new String(name, UTF_8), bytes);
      }
      return content;
    }

    private ByteBuffer whole() {
      var last = pieces.lastEntry();
      int length = last == null ? Integer.BYTES : (int) (last.getKey() + last.getValue().length);
      ByteBuffer all = ByteBuffer.allocate(Math.max(length, Integer.BYTES));
      pieces.forEach((at, piece) -> all.put(Math.toIntExact(at), piece));
      return all;
    }

    @Override
    public void close() {
      pieces.clear();
    }
  }
}
