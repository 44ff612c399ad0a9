package dev.ramet.coordinator.fleet;

/** How far a long call has come; {@code bytesTotal} is 0 where it is not known. */
public record Progress(String step, long bytesDone, long bytesTotal) {}
