package dev.ramet.cli.output;

/** How results are written; the names are what users type. */
public enum OutputFormat {
  table,
  json,
  yaml
}
