package dev.ramet.coordinator.fleet;

import com.google.protobuf.ByteString;

/**
 * One connection to an instance, through its agent. No method blocks. Threads: one event loop, for
 * its methods and its listener's.
 */
public interface Tunnel {
  /** Whether it has room: who sends all the same fills up memory. */
  boolean isReady();

  void send(ByteString bytes);

  /** Asks for one more chunk from the server; the first one is asked for by itself. */
  void request();

  /** Nothing more is sent; the server may still answer. */
  void finish();

  /** Closes the connection; the listener hears nothing more that matters. */
  void cancel();

  /** The end that the server's bytes are for. */
  interface Listener {
    void received(ByteString bytes);

    /** The tunnel has room again. */
    void ready();

    /** The server has closed; all that it sent was received before. */
    void ended();

    void failed(AgentException why);
  }
}
