package dev.ramet.cli;

import dev.ramet.client.ErrorKind;

/** What the exit status tells a script; {@code docs/cli.md} lists the same. */
enum ExitCode {
  OK(0, "done; deleting what is not there is done too"),
  FAILED(1, "it was tried and failed"),
  USAGE(2, "the command line or a value in it is wrong; nothing was done"),
  NOT_FOUND(3, "no such clone, image, revision, host, operation or context"),
  CONFLICT(4, "something of that name is there and differs, or is being changed right now"),
  UNAVAILABLE(5, "the coordinator, its store or an agent cannot be reached"),
  TIMEOUT(6, "not finished within --timeout; the server goes on"),
  PRECONDITION(7, "the state of things forbids it: it has dependants, no host has room"),
  DIFFERENCES(8, "ramet admin check: hosts and records differ, or a host could not be asked"),
  INTERRUPTED(130, "interrupted (Ctrl-C); what the server has taken on goes on");

  private final int status;
  private final String meaning;

  ExitCode(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  int status() {
    return status;
  }

  String meaning() {
    return meaning;
  }

  static ExitCode of(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case PRECONDITION -> PRECONDITION;
      case UNAVAILABLE -> UNAVAILABLE;
      case TIMEOUT -> TIMEOUT;
      case CANCELLED -> INTERRUPTED;
      case WORK_FAILED, UNSUPPORTED, DENIED, INTERNAL -> FAILED;
    };
  }
}
