package dev.ramet.client;

/** Is told what becomes of a proxy, on the proxies' thread: it must not block. */
@FunctionalInterface
public interface ProxyListener {
  /** A connection could not be made, or broke. */
  void failed(RametException failure);

  /** The clone has got another name; the proxy leads to it as before. Told with a connection. */
  default void renamed(String from, String to) {}
}
