package dev.ramet.client;

/**
 * A clone that is being followed.
 *
 * @param now as it is now
 * @param gone it is no more, and its storage released; only name and uid are set then
 * @param formerName the name that it had until now; empty: it has the same as before
 */
public record CloneChange(Clone now, boolean gone, String formerName) {}
