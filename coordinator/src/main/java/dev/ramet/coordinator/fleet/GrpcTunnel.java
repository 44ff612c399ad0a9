package dev.ramet.coordinator.fleet;

import com.google.protobuf.ByteString;
import dev.ramet.proto.agent.v1.ConnectRequest;
import dev.ramet.proto.agent.v1.ConnectResponse;
import dev.ramet.proto.agent.v1.TunnelServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.TimeUnit;

/** A tunnel as a call of the agent. An agent that is just being started is waited for. */
final class GrpcTunnel implements Tunnel, ClientResponseObserver<ConnectRequest, ConnectResponse> {
  private static final int PATIENCE_SECONDS = 3;

  private final String address;
  private final Listener listener;
  private boolean reached;

  @SuppressWarnings("NullAway.Init") // set by beforeStart, within open
  private ClientCallStreamObserver<ConnectRequest> call;

  private GrpcTunnel(String address, Listener listener) {
    this.address = address;
    this.listener = listener;
  }

  static GrpcTunnel open(
      String address, Channel channel, EventLoop loop, String instance, Listener listener) {
    GrpcTunnel tunnel = new GrpcTunnel(address, listener);
    var _ =
        TunnelServiceGrpc.newStub(channel).withExecutor(loop).withWaitForReady().connect(tunnel);
    tunnel.call.onNext(ConnectRequest.newBuilder().setInstance(instance).build());
    var _ = loop.schedule(tunnel::giveUp, PATIENCE_SECONDS, TimeUnit.SECONDS);
    return tunnel;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ConnectRequest> started) {
    call = started;
    call.disableAutoRequestWithInitial(1);
    call.setOnReadyHandler(this::ready);
  }

  private void ready() {
    reached = true;
    listener.ready();
  }

  private void giveUp() {
    if (!reached) {
      reached = true;
      call.cancel("not reached in time", null);
      listener.failed(
          AgentErrors.translate(address, "Connect", Status.UNAVAILABLE.asRuntimeException()));
    }
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public void send(ByteString bytes) {
    call.onNext(ConnectRequest.newBuilder().setData(bytes).build());
  }

  @Override
  public void request() {
    call.request(1);
  }

  @Override
  public void finish() {
    call.onCompleted();
  }

  @Override
  public void cancel() {
    call.cancel("the caller has left", null);
  }

  @Override
  public void onNext(ConnectResponse message) {
    listener.received(message.getData());
  }

  @Override
  public void onCompleted() {
    listener.ended();
  }

  @Override
  public void onError(Throwable error) {
    reached = true;
    listener.failed(
        AgentErrors.translate(
            address,
            "Connect",
            Status.fromThrowable(error).asRuntimeException(Status.trailersFromThrowable(error))));
  }
}
