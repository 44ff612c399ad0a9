package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class WatchStreamTest {
  private final SlowReader<String> reader = new SlowReader<>();
  private final Source source = new Source();

  private void open() {
    var unused =
        WatchStream.open(
            source,
            _ -> true,
            reader,
            (change, stream) -> {
              stream.offer(change.key().name(), change.key().name() + "@" + change.revision());
              if (change.key().name().equals("last")) {
                stream.end();
              }
            });
  }

  @Test
  void aSlowReaderGetsTheNewestOfEachKeyAndHoldsNobodyUp() {
    open();
    reader.ready = false;
    for (int revision = 1; revision <= 1000; revision++) {
      source.change("a", revision);
      source.change("b", revision);
    }
    assertThat(reader.got).isEmpty();
    reader.becomeReady();
    assertThat(reader.got).containsExactly("a@1000", "b@1000");
  }

  @Test
  void whatWasOfferedBeforeTheEndIsSentBeforeTheEnd() {
    open();
    reader.ready = false;
    source.change("a", 1);
    source.change("last", 2);
    assertThat(reader.completed).isFalse();
    reader.becomeReady();
    assertThat(reader.got).containsExactly("a@1", "last@2");
    assertThat(reader.completed).isTrue();
    assertThat(source.closed).isTrue();
  }

  @Test
  void aReaderThatLeavesIsForgotten() {
    open();
    reader.cancel.run();
    assertThat(source.closed).isTrue();
    source.change("a", 1);
    assertThat(reader.got).isEmpty();
  }

  @Test
  void aStreamThatFellBehindIsEndedWithAnError() {
    open();
    source.fellBehind.run();
    assertThat(reader.failed).isTrue();
  }

  /** Hands out changes by hand. */
  private static final class Source implements Informer {
    private Consumer<Change<?>> changed = _ -> {};
    private Runnable fellBehind = () -> {};
    private boolean closed;

    private void change(String name, long revision) {
      Key<?> key = Keys.clone(name);
      changed.accept(new Change<>(key, null, null, revision));
    }

    @Override
    public Subscription subscribe(
        Predicate<Key<?>> interest, Consumer<Change<?>> listener, Runnable behind) {
      changed = listener;
      fellBehind = behind;
      return () -> closed = true;
    }

    @Override
    public View view() {
      throw new UnsupportedOperationException();
    }

    @Override
    public <R> R read(Function<View, R> query) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitSynced(Duration within) {
      return true;
    }

    @Override
    public boolean await(long revision, Duration within) {
      return true;
    }

    @Override
    public Optional<Instant> staleSince() {
      return Optional.empty();
    }
  }
}
