package dev.ramet.agent.engine;

/**
 * What a source is.
 *
 * @param form a server or a dump
 * @param engine the engine's name
 * @param engineVersion major version that the image will have
 * @param sourceVersion as the source says itself, "15.4"; empty where it does not say
 * @param dataBytes expected size of the data on disk
 * @param description in words, without any password: "PostgreSQL 15.4 at 127.0.0.1:5432"
 */
public record SourceReport(
    Form form,
    String engine,
    String engineVersion,
    String sourceVersion,
    long dataBytes,
    String description) {
  /** What kind of source. */
  public enum Form {
    /** A running server. */
    SERVER,
    /** A file or folder. */
    DUMP
  }
}
