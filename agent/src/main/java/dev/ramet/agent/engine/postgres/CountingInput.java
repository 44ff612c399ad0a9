package dev.ramet.agent.engine.postgres;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells how far a stream was read. */
final class CountingInput extends FilterInputStream {
  private final Listener listener;
  private long bytes;

  CountingInput(InputStream stream, Listener listener) {
    super(stream);
    this.listener = listener;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    count(Math.max(read, 0));
    return read;
  }

  private void count(int more) {
    bytes += more;
    listener.read(bytes);
  }

  /** Told after each read. */
  @FunctionalInterface
  interface Listener {
    /** For who does not want to know. */
    Listener NONE = _ -> {};

    /** So many bytes in all. */
    void read(long bytes);
  }
}
