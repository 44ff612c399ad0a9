package dev.ramet.coordinator.api;

import com.google.protobuf.ByteString;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Tunnel;
import dev.ramet.proto.v1.ConnectRequest;
import dev.ramet.proto.v1.ConnectResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One connection, between its caller and the tunnel to the clone's instance.
 *
 * <p>Each side is asked for one message, and for the next one only while the other side has room:
 * besides gRPC's windows no more than one message per direction waits here.
 *
 * <p>Threads: one event loop for everything.
 */
final class ProxyRelay implements StreamObserver<ConnectRequest>, Tunnel.Listener {
  /** The most that one message carries. */
  private static final int CHUNK = 64 << 10;

  private final ServerCallStreamObserver<ConnectResponse> caller;
  private final Opening opening;
  private String clone = "";
  private @Nullable Tunnel tunnel;
  private boolean callerWaits;
  private boolean serverWaits;
  private boolean ended;

  /** Finds the clone and begins the tunnel, or throws what the caller shall be told. */
  @FunctionalInterface
  interface Opening {
    Opened open(ConnectRequest first, Tunnel.Listener listener);
  }

  /**
   * A tunnel that is begun.
   *
   * @param name what the clone is called now
   */
  record Opened(Tunnel tunnel, String name, String uid) {}

  private ProxyRelay(ServerCallStreamObserver<ConnectResponse> caller, Opening opening) {
    this.caller = caller;
    this.opening = opening;
  }

  /** Must be called by the service method itself. */
  static ProxyRelay begin(ServerCallStreamObserver<ConnectResponse> caller, Opening opening) {
    ProxyRelay relay = new ProxyRelay(caller, opening);
    caller.disableAutoRequest();
    caller.setOnReadyHandler(relay::callerHasRoom);
    caller.setOnCancelHandler(relay::leave);
    caller.request(1);
    return relay;
  }

  // --- the caller ---

  @Override
  public void onNext(ConnectRequest message) {
    if (ended) {
      return;
    }
    try {
      Tunnel open = tunnel;
      if (open == null) {
        tunnel = open(message);
      } else {
        check(message);
        open.send(message.getData());
      }
      callerWaits = true;
      ready();
    } catch (RuntimeException error) {
      fail(error);
    }
  }

  private Tunnel open(ConnectRequest first) {
    UnknownFields.refuse(first);
    new RequestCheck()
        .name("clone", first.getClone())
        .require(first.getData().isEmpty(), "data", "must not be in the first message")
        .done();
    Opened opened = opening.open(first, this);
    clone = opened.name();
    boolean asGiven = opened.name().equals(first.getClone()) && opened.uid().equals(first.getUid());
    if (first.getFollow() && !asGiven) {
      caller.onNext(
          ConnectResponse.newBuilder().setClone(opened.name()).setUid(opened.uid()).build());
    }
    return opened.tunnel();
  }

  private static void check(ConnectRequest message) {
    if (message.getClone().isEmpty()
        && message.getUid().isEmpty()
        && message.getData().size() <= CHUNK) {
      return;
    }
    new RequestCheck()
        .require(message.getClone().isEmpty(), "clone", "must be in the first message only")
        .require(message.getUid().isEmpty(), "uid", "must be in the first message only")
        .require(message.getData().size() <= CHUNK, "data", "is longer than %d".formatted(CHUNK))
        .done();
  }

  @Override
  public void onCompleted() {
    if (tunnel == null) {
      leave();
      caller.onCompleted();
    } else if (!ended) {
      tunnel.finish();
    }
  }

  @Override
  public void onError(Throwable left) {
    leave();
  }

  private void callerHasRoom() {
    if (serverWaits && !ended && tunnel != null && caller.isReady()) {
      serverWaits = false;
      tunnel.request();
    }
  }

  private void leave() {
    if (!ended) {
      ended = true;
      if (tunnel != null) {
        tunnel.cancel();
      }
    }
  }

  // --- the server ---

  @Override
  public void received(ByteString bytes) {
    if (!ended) {
      caller.onNext(ConnectResponse.newBuilder().setData(bytes).build());
      serverWaits = true;
      callerHasRoom();
    }
  }

  @Override
  public void ready() {
    if (callerWaits && !ended && tunnel != null && tunnel.isReady()) {
      callerWaits = false;
      caller.request(1);
    }
  }

  @Override
  public void ended() {
    if (!ended) {
      ended = true;
      caller.onCompleted();
    }
  }

  @Override
  public void failed(AgentException why) {
    if (!ended) {
      ended = true;
      caller.onError(StatusMapping.status(ProxyApi.fault(clone, why)));
    }
  }

  private void fail(RuntimeException why) {
    leave();
    if (!caller.isCancelled()) {
      caller.onError(StatusMapping.status(why));
    }
  }
}
