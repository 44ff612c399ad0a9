package dev.ramet.storage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.storage.linux.Extent;
import dev.ramet.storage.linux.Kernel;
import java.io.InterruptedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RawContentTest {
  private static final int BLOCK = 4096;

  private int reads;
  private boolean closed;

  /** One with a file that has no end; the caller leaves after so many reads of its map. */
  private Kernel endless(int readsUntilLeft) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "open" -> 3;
                  case "close" -> {
                    closed = true;
                    yield null;
                  }
                  case "extents" -> {
                    if (++reads == readsUntilLeft) {
                      Thread.currentThread().interrupt();
                    }
                    long offset = (long) arguments[1];
                    yield List.of(new Extent(offset, offset, BLOCK, false, false, false));
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Test
  void aWalkEndsWhenItsCallerHasLeft() {
    Kernel kernel = endless(5);
    assertThatThrownBy(() -> RawContent.usage(kernel, Path.of("file")))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
    assertThat(reads).isEqualTo(5);
    assertThat(closed).isTrue();
  }
}
