package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.proto.v1.Failure;

/** Faults as they are kept in records. */
public final class Failures {
  private static final int MAX_LINES = 50;
  private static final int MAX_LINE_LENGTH = 500;

  private Failures() {}

  public static Failure message(Fault fault) {
    Failure.Builder failure =
        Failure.newBuilder()
            .setCode(fault.code())
            .setMessage(fault.message())
            .setRetryable(fault.retryable());
    int lines = fault.logTail().size();
    fault.logTail().stream()
        .skip(Math.max(0, lines - MAX_LINES))
        .map(line -> line.substring(0, Math.min(line.length(), MAX_LINE_LENGTH)))
        .forEach(failure::addLogTail);
    return failure.build();
  }
}
