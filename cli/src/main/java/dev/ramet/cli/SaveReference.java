package dev.ramet.cli;

/** {@code clone@save}, as a user wrote it. */
record SaveReference(String owner, String save) {
  static SaveReference parse(String text) {
    int at = text.indexOf('@');
    if (at < 1 || at == text.length() - 1 || text.indexOf('@', at + 1) >= 0) {
      throw new CommandException(
          ExitCode.USAGE,
          "\"" + text + "\" is no save: give CLONE@SAVE; ramet clone log CLONE lists them");
    }
    return new SaveReference(text.substring(0, at), text.substring(at + 1));
  }
}
