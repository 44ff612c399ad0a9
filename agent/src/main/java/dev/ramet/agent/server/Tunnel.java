package dev.ramet.agent.server;

import com.google.protobuf.ByteString;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.proto.agent.v1.ConnectRequest;
import dev.ramet.proto.agent.v1.ConnectResponse;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an instance: what the caller sends is written to the server's socket, what the
 * server sends is sent to the caller.
 *
 * <p>Nothing piles up: one message at a time is asked of the caller, the next one when the socket
 * took the last; the socket is read, a chunk at a time, only while the caller's stream has room.
 *
 * <p>Threads: all of it runs on one event loop, that of the caller's connection; but {@link #close}
 * may be called by any.
 */
final class Tunnel extends ChannelInboundHandlerAdapter implements StreamObserver<ConnectRequest> {
  /** The most that one message carries. */
  static final int CHUNK = 64 << 10;

  private static final int CONNECT_MILLIS = 5000;

  private final ServerCallStreamObserver<ConnectResponse> caller;
  private final EventLoop loop;
  private final Addresses addresses;
  private final Consumer<Tunnel> gone;
  private String instance = "";
  private @Nullable SocketChannel server;
  private boolean callerIsDone;
  private boolean readingWaits;
  private boolean ended;

  /** Where an instance listens; may block, and throws what the caller shall be told. */
  @FunctionalInterface
  interface Addresses {
    InetSocketAddress of(String instance);
  }

  /**
   * To be made within the service method.
   *
   * @param gone told once, when it has ended
   */
  Tunnel(
      ServerCallStreamObserver<ConnectResponse> caller,
      EventLoop loop,
      Addresses addresses,
      Consumer<Tunnel> gone) {
    this.caller = caller;
    this.loop = loop;
    this.addresses = addresses;
    this.gone = gone;
    caller.disableAutoRequest();
    caller.setOnReadyHandler(this::readIfWaiting);
    caller.setOnCancelHandler(this::end);
    caller.request(1);
  }

  /** Ends it as a connection that breaks: another one may be made as soon as the agent is back. */
  void close() {
    loop.execute(() ->
        fail(
            Status.UNAVAILABLE.withDescription("the agent is being stopped").asRuntimeException()));
  }

  // --- the caller ---

  @Override
  public void onNext(ConnectRequest message) {
    if (ended) {
      return;
    }
    try {
      if (instance.isEmpty()) {
        open(message);
      } else {
        write(message);
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void open(ConnectRequest first) {
    new Checks()
        .id("instance", first.getInstance())
        .atMost("data", first.getData().size(), 0, "must not be in the first message")
        .done();
    instance = first.getInstance();
    Thread.ofVirtual().name("tunnel").start(this::lookUp);
  }

  private void lookUp() {
    try {
      InetSocketAddress address = addresses.of(instance);
      loop.execute(() -> connect(address));
    } catch (RuntimeException e) {
      loop.execute(() -> fail(e));
    }
  }

  private void write(ConnectRequest message) {
    ByteString data = message.getData();
    new Checks()
        .atMost("instance", message.getInstance().length(), 0, "must be in the first message only")
        .atMost("data", data.size(), CHUNK, "must be at most %d bytes".formatted(CHUNK))
        .done();
    var _ =
        opened()
            .writeAndFlush(Unpooled.wrappedBuffer(data.asReadOnlyByteBuffer()))
            .addListener(written -> {
              if (written.isSuccess()) {
                caller.request(1);
              } // else the socket is closed, which is told to this handler
            });
  }

  @Override
  public void onCompleted() {
    callerIsDone = true;
    if (server != null) {
      passOnTheEnd(server);
    }
  }

  @Override
  public void onError(Throwable left) {
    end();
  }

  // --- the server ---

  private void connect(InetSocketAddress address) {
    if (ended) {
      return;
    }
    var _ =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(1024, 8192, CHUNK).maxMessagesPerRead(1))
            .handler(this)
            .connect(address)
            .addListener((ChannelFuture done) -> connected(done));
  }

  private void connected(ChannelFuture done) {
    if (!done.isSuccess()) {
      fail(
          new AgentException(
              AgentError.INSTANCE_NOT_READY,
              "the server of instance '%s' takes no connection: %s"
                  .formatted(instance, done.cause().getMessage())));
      return;
    }
    SocketChannel channel = (SocketChannel) done.channel();
    if (ended) {
      var _ = channel.close();
      return;
    }
    server = channel;
    channel.read();
    caller.request(1);
    if (callerIsDone) {
      passOnTheEnd(channel);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (!ended) {
        ByteString data = ByteString.copyFrom(bytes.nioBuffer());
        caller.onNext(ConnectResponse.newBuilder().setData(data).build());
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    readingWaits = true;
    readIfWaiting();
  }

  private void readIfWaiting() {
    if (readingWaits && !ended && caller.isReady()) {
      readingWaits = false;
      opened().read();
    }
  }

  /** The server has closed, and all that it had sent was read before. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (!ended) {
      end();
      caller.onCompleted();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable broken) {
    fail(
        new AgentException(
            AgentError.INSTANCE_DIED,
            "the server of instance '%s' broke the connection off: %s"
                .formatted(instance, broken.getMessage())));
  }

  // --- the end ---

  /** After all that was written before. */
  private static void passOnTheEnd(SocketChannel channel) {
    var _ =
        channel
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(_ -> {
              var _ = channel.shutdownOutput();
            });
  }

  private void fail(Throwable why) {
    if (!ended) {
      end();
      if (!caller.isCancelled()) {
        caller.onError(GrpcErrors.of(why));
      }
    }
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    gone.accept(this);
    if (server != null) {
      var _ = server.close();
    }
  }

  private SocketChannel opened() {
    SocketChannel channel = server;
    if (channel == null) {
      throw new IllegalStateException("the tunnel is not open");
    }
    return channel;
  }
}
