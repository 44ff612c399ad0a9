package dev.ramet.client;

import java.time.Duration;

/**
 * What a switch of a proxy did.
 *
 * @param from the clone that the port led to before
 * @param to the clone that it leads to now
 * @param closed connections that were closed
 * @param elapsed from the request to the last one's end
 */
public record ProxySwitch(String from, String to, int closed, Duration elapsed) {}
