package dev.ramet.storage.testkit;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.SnapshotWriter;
import java.nio.ByteBuffer;

/** Readers and writers with defects. */
final class BrokenTransfer {
  private BrokenTransfer() {}

  record ShortReader(SnapshotReader sound) implements SnapshotReader {
    @Override
    public ByteSize size() {
      return sound.size();
    }

    @Override
    public ByteSize data() {
      return sound.data();
    }

    @Override
    public long read(ByteBuffer into) {
      int before = into.position();
      long at = sound.read(into);
      if (into.position() > before) {
        into.position(into.position() - 1);
      }
      return at;
    }

    @Override
    public void close() {
      sound.close();
    }
  }

  record EagerWriter(SnapshotWriter sound) implements SnapshotWriter {
    @Override
    public void write(long offset, ByteBuffer content) {
      sound.write(offset, content);
    }

    @Override
    public Snapshot commit() {
      return sound.commit();
    }

    @Override
    public void close() {
      sound.commit();
      sound.close();
    }
  }
}
