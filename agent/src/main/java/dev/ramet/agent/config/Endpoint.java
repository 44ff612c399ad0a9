package dev.ramet.agent.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something listens.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 1 to 65535; 0 asks for any free one
 */
public record Endpoint(String host, int port) {
  private static final Pattern GRAMMAR =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([A-Za-z0-9.-]+)):(\\d{1,5})");

  /** Refuses a port that is none. */
  public Endpoint {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not within 0 to 65535");
    }
  }

  /**
   * Reads "host:port" or "[address]:port".
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static Endpoint parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'%s' is not host:port".formatted(text));
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    return new Endpoint(host, Integer.parseInt(matcher.group(3)));
  }

  /** For listening: resolves the host. */
  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
