package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PacedStreamTest {
  private final SlowCaller caller = new SlowCaller();
  private final PacedStream<String> stream = PacedStream.open(caller);

  @Test
  void whatACallerHasNoRoomForWaits() throws InterruptedException {
    caller.ready = true;
    stream.send("a");
    caller.ready = false;
    CountDownLatch sent = new CountDownLatch(1);
    Thread sender =
        Thread.startVirtualThread(() -> {
          stream.send("b");
          sent.countDown();
        });
    assertThat(sent.await(100, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(caller.got).containsExactly("a");
    caller.ready = true;
    caller.onReady.run();
    sender.join();
    assertThat(caller.got).containsExactly("a", "b");
  }

  @Test
  void aCallerThatLeavesFreesTheSender() throws InterruptedException {
    CountDownLatch freed = new CountDownLatch(1);
    Thread sender =
        Thread.startVirtualThread(() -> {
          assertThatThrownBy(() -> stream.send("a")).isInstanceOf(CancellationException.class);
          freed.countDown();
        });
    caller.cancelled = true;
    caller.onCancel.run();
    sender.join();
    assertThat(freed.getCount()).isZero();
    assertThat(stream.cancellation().isCancelled()).isTrue();
    assertThat(caller.got).isEmpty();
  }

  /** A caller that has room when it is told to. */
  private static final class SlowCaller extends ServerCallStreamObserver<String> {
    private final List<String> got = new CopyOnWriteArrayList<>();
    private volatile boolean ready;
    private volatile boolean cancelled;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void onNext(String message) {
      got.add(message);
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
