package dev.ramet.storage.linux;

import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** What a driver keeps with a file, as an extended attribute of it. */
public final class Attribute {
  private Attribute() {}

  /**
   * What the attribute says; empty where there is none.
   *
   * @param meaning throws where the text has none
   * @throws IOException where it cannot be read, or says what no driver wrote
   */
  public static <T> Optional<T> read(
      Kernel kernel, Path path, String name, Function<String, T> meaning) throws IOException {
    Optional<String> text = kernel.attribute(path, name);
    try {
      return text.map(meaning);
    } catch (IllegalArgumentException | StorageException e) {
      throw new IOException(
          "attribute %s of %s is damaged: it is '%s'".formatted(name, path, text.orElse("")), e);
    }
  }
}
