package dev.ramet.cli;

/**
 * Settings of the transport that only a program of a fraction of a second wants; they have to stand
 * before its first class is loaded. Figures in docs/design/0005-cli-start-up.md.
 */
final class Startup {
  private static final String NETTY = "io.grpc.netty.shaded.io.netty.";

  private Startup() {}

  static void settle() {
    // no epoll library is unpacked and linked: one connection gains nothing by it
    System.setProperty(NETTY + "transport.noNative", "true");
    // no flight recorder is prepared for buffer events
    System.setProperty(NETTY + "jfr.enabled", "false");
    // what gRPC would log is in the one line that the user gets; an empty file means no handlers
    System.setProperty("java.util.logging.config.file", "/dev/null");
  }
}
