package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Tunnel;
import dev.ramet.proto.v1.ConnectRequest;
import dev.ramet.proto.v1.ConnectResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On one thread, as on the event loop. */
class ProxyRelayTest {
  private final Caller caller = new Caller();
  private final Server server = new Server();
  private final ProxyRelay relay =
      ProxyRelay.begin(caller, (_, _) -> new ProxyRelay.Opened(server, "fix-1", "ab12cd34"));

  private void open() {
    relay.onNext(ConnectRequest.newBuilder().setClone("fix-1").build());
  }

  private static ConnectRequest data(String text) {
    return ConnectRequest.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }

  @Test
  void aCallerIsAskedForMoreOnlyWhileTheServerHasRoom() {
    assertThat(caller.requested).isEqualTo(1);
    server.ready = false;
    open();
    assertThat(caller.requested).as("it waits for room").isEqualTo(1);
    server.ready = true;
    relay.ready();
    relay.ready();
    assertThat(caller.requested).as("once").isEqualTo(2);
    server.ready = false;
    relay.onNext(data("a"));
    assertThat(caller.requested).isEqualTo(2);
    assertThat(server.got).containsExactly("a");
  }

  @Test
  void aServerIsAskedForMoreOnlyWhileTheCallerHasRoom() {
    open();
    caller.ready = false;
    relay.received(ByteString.copyFromUtf8("a"));
    assertThat(server.requested).isZero();
    caller.ready = true;
    caller.onReady.run();
    caller.onReady.run();
    assertThat(server.requested).isEqualTo(1);
    relay.received(ByteString.copyFromUtf8("b"));
    assertThat(server.requested).isEqualTo(2);
    assertThat(caller.got).containsExactly("a", "b");
  }

  @Test
  void whoFollowsACloneIsToldWhereItIsCalledOtherwise() {
    ConnectRequest.Builder first = ConnectRequest.newBuilder().setUid("ab12cd34").setFollow(true);
    relay.onNext(first.setClone("old").build());
    assertThat(caller.got).containsExactly("fix-1 ab12cd34");
  }

  @Test
  void whoFollowsACloneThatIsCalledAsEverIsToldNothing() {
    ConnectRequest.Builder first = ConnectRequest.newBuilder().setUid("ab12cd34").setFollow(true);
    relay.onNext(first.setClone("fix-1").build());
    assertThat(caller.got).isEmpty();
  }

  @Test
  void whatTheServerSentComesBeforeItsEnd() {
    open();
    caller.ready = false;
    relay.received(ByteString.copyFromUtf8("last words"));
    relay.ended();
    assertThat(caller.got).containsExactly("last words", "end");
  }

  @Test
  void aCallersHalfCloseIsPassedOnAndItsLeavingClosesTheTunnel() {
    open();
    relay.onCompleted();
    assertThat(server.got).containsExactly("end");
    caller.onCancel.run();
    assertThat(server.cancelled).isTrue();
  }

  @Test
  void aMessageOutOfOrderIsRefusedAndClosesTheTunnel() {
    open();
    relay.onNext(ConnectRequest.newBuilder().setClone("other").build());
    assertThat(server.cancelled).isTrue();
    assertThatThrownBy(
            () -> {
              throw caller.error;
            })
        .hasMessageContaining("clone: must be in the first message only");
  }

  @Test
  void aRefusalIsTold() {
    ProxyRelay refused =
        ProxyRelay.begin(
            caller,
            (_, _) -> {
              throw ErrorCode.CLONE_NOT_READY.exception("clone fix-1 is STOPPED, not READY");
            });
    refused.onNext(ConnectRequest.newBuilder().setClone("fix-1").build());
    StatusRuntimeException error = (StatusRuntimeException) caller.error;
    Refusals.assertRefused(error, Status.Code.FAILED_PRECONDITION, "CLONE_NOT_READY");
  }

  private static final class Server implements Tunnel {
    private final List<String> got = new ArrayList<>();
    private boolean ready = true;
    private boolean cancelled;
    private int requested;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void send(ByteString bytes) {
      got.add(bytes.toStringUtf8());
    }

    @Override
    public void request() {
      requested++;
    }

    @Override
    public void finish() {
      got.add("end");
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private static final class Caller extends ServerCallStreamObserver<ConnectResponse> {
    private final List<String> got = new ArrayList<>();
    private boolean ready = true;
    private int requested;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};
    private Throwable error = new IllegalStateException("no error");

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void onNext(ConnectResponse message) {
      got.add(
          message.getClone().isEmpty()
              ? message.getData().toStringUtf8()
              : message.getClone() + " " + message.getUid());
    }

    @Override
    public void onError(Throwable thrown) {
      error = thrown;
    }

    @Override
    public void onCompleted() {
      got.add("end");
    }
  }
}
