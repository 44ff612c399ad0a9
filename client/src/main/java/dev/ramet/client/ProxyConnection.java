package dev.ramet.client;

import com.google.protobuf.ByteString;
import dev.ramet.proto.v1.ConnectRequest;
import dev.ramet.proto.v1.ConnectResponse;
import dev.ramet.proto.v1.ProxyServiceGrpc;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.socket.ChannelInputShutdownEvent;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.TimeUnit;

/**
 * One local connection and its call.
 *
 * <p>Nothing piles up: one message at a time is asked of the coordinator, the next one when the
 * socket took the last; the socket is read, a chunk at a time, only while the call has room.
 *
 * <p>Threads: the proxies' one.
 */
final class ProxyConnection extends ChannelInboundHandlerAdapter
    implements ClientResponseObserver<ConnectRequest, ConnectResponse> {
  /** The most that one message carries. */
  static final int CHUNK = 64 << 10;

  /** How long a coordinator that does not answer is waited for. */
  private static final int PATIENCE_SECONDS = 3;

  /** How long a client may take to close its side once ours is closed. */
  private static final int LINGER_SECONDS = 1;

  private final Proxy proxy;
  private final SocketChannel socket;
  private final Proxy.Target target;

  @SuppressWarnings("NullAway.Init") // set by beforeStart, within channelActive
  private ClientCallStreamObserver<ConnectRequest> call;

  private boolean reached;
  private boolean readingWaits;
  private boolean inputIsOver;
  private boolean ended;

  ProxyConnection(Proxy proxy, SocketChannel socket) {
    this.proxy = proxy;
    this.socket = socket;
    this.target = proxy.leadsTo();
  }

  // --- the local client ---

  @Override
  public void channelActive(ChannelHandlerContext context) {
    proxy.opened(this);
    var unused =
        ProxyServiceGrpc.newStub(proxy.transport().channel())
            .withExecutor(context.channel().eventLoop())
            .withWaitForReady()
            .connect(this);
    call.onNext(
        ConnectRequest.newBuilder()
            .setClone(target.name())
            .setUid(target.uid())
            .setFollow(true)
            .build());
    readingWaits = true;
    later(this::giveUp, PATIENCE_SECONDS);
  }

  private void giveUp() {
    if (!reached && !ended) {
      leave();
      proxy.failed(
          Status.UNAVAILABLE
              .withDescription("not within " + PATIENCE_SECONDS + " s")
              .asRuntimeException());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (!ended) {
        ByteString data = ByteString.copyFrom(bytes.nioBuffer());
        call.onNext(ConnectRequest.newBuilder().setData(data).build());
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (ended) {
      socket.read(); // what comes after the end is of no use to anybody
    } else {
      readingWaits = true;
      readIfWaiting();
    }
  }

  private void readIfWaiting() {
    if (readingWaits && !ended && call.isReady()) {
      readingWaits = false;
      socket.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !inputIsOver) {
      inputIsOver = true;
      if (ended) {
        close();
      } else {
        call.onCompleted();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (!ended) {
      end();
      call.cancel("the local client has left", null);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable broken) {
    close();
  }

  // --- the clone ---

  @Override
  public void beforeStart(ClientCallStreamObserver<ConnectRequest> started) {
    call = started;
    call.disableAutoRequestWithInitial(1);
    call.setOnReadyHandler(() -> {
      reached = true;
      readIfWaiting();
    });
  }

  @Override
  public void onNext(ConnectResponse message) {
    if (ended) {
      return;
    }
    if (!message.getClone().isEmpty()) {
      proxy.followed(target, new Proxy.Target(message.getClone(), message.getUid()));
      call.request(1);
      return;
    }
    var unused =
        socket
            .writeAndFlush(Unpooled.wrappedBuffer(message.getData().asReadOnlyByteBuffer()))
            .addListener(written -> {
              if (written.isSuccess()) {
                call.request(1);
              } else {
                close();
              }
            });
  }

  /** The server has closed: so does this, after all that it sent. */
  @Override
  public void onCompleted() {
    if (!ended) {
      var unused =
          socket.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> closeOrderly());
    }
  }

  @Override
  public void onError(Throwable error) {
    if (!ended) {
      onCompleted();
      proxy.failed(error);
    }
  }

  // --- the end ---

  /** Ends the call, and the connection in an orderly way. */
  void leave() {
    if (!ended) {
      closeOrderly();
      call.cancel("the proxy has left", null);
    }
  }

  /** The client gets an end, not a reset, whatever it still sends. */
  private void closeOrderly() {
    if (ended) {
      return;
    }
    end();
    var unused = socket.shutdownOutput();
    if (inputIsOver) {
      close();
    } else {
      socket.read();
      later(this::close, LINGER_SECONDS);
    }
  }

  private void end() {
    ended = true;
    proxy.closed(this);
  }

  private void close() {
    var unused = socket.close();
  }

  private void later(Runnable work, int seconds) {
    var unused = socket.eventLoop().schedule(work, seconds, TimeUnit.SECONDS);
  }
}
