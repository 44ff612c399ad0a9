package dev.ramet.cli;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Save;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A coordinator that answers from memory, on a loopback port: for tests of the command line, and,
 * by its main method, for the training of the AOT cache. Tests put into the maps what is there.
 */
final class FakeCoordinator implements AutoCloseable {
  final Map<String, Clone> clones = new ConcurrentSkipListMap<>();
  final Map<String, Image> images = new ConcurrentSkipListMap<>();
  final Map<String, Host> hosts = new ConcurrentSkipListMap<>();
  final List<Save> saves = new CopyOnWriteArrayList<>();
  final Map<String, Operation> operations = new ConcurrentSkipListMap<>();

  /** Old names and new ones: whoever asks for the old one is told the new one. */
  final Map<String, String> renamed = new ConcurrentSkipListMap<>();

  final FakeAdminServices admin = new FakeAdminServices();

  /** A clone that is watched goes after its states. */
  volatile boolean clonesGoInTheEnd;

  /** Every request, in order. */
  final List<Object> requests = new CopyOnWriteArrayList<>();

  /** What a clone or an operation goes through while it is watched; the last one is kept. */
  final List<Clone> cloneStates = new CopyOnWriteArrayList<>();

  final List<Operation> operationStates = new CopyOnWriteArrayList<>();

  /** What the deletion of an image or a revision is answered with. */
  volatile Operation deletion = Examples.deletion("op-3");

  /** A deleted clone does not go. */
  volatile boolean clonesStay;

  /** Thrown by the next call, once. */
  volatile StatusRuntimeException nextError;

  /** Thrown by every creation of a clone, where there is one. */
  volatile StatusRuntimeException createError;

  /** Thrown by the next deletion of an image, once. */
  volatile StatusRuntimeException deletionError;

  private final Server server;
  private final int port;

  FakeCoordinator() {
    FakeServices services = new FakeServices(this);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(services.clones())
            .addService(services.images())
            .addService(services.hosts())
            .addService(services.operations())
            .addService(admin.eventService())
            .addService(admin.adminService())
            .build();
    try {
      port = server.start().getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints its port and serves some examples until it is killed. */
  public static void main(String[] args) throws InterruptedException {
    FakeCoordinator coordinator = new FakeCoordinator();
    coordinator.addExamples();
    System.out.println(coordinator.port);
    coordinator.server.awaitTermination();
  }

  void addExamples() {
    clones.put("fix-1", Examples.clone("fix-1"));
    images.put("app", Examples.image());
    hosts.put("host-a", Examples.host("host-a"));
    operations.put("op-1", Examples.operation("op-1"));
    cloneStates.addAll(Examples.cloneLife());
    operationStates.addAll(Examples.operationLife("op-2"));
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  static StatusRuntimeException error(Code code, String reason, String message) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setReason(reason).setDomain("ramet.dev").build()))
            .build());
  }

  StatusRuntimeException noClone(String name) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder().setReason("CLONE_NOT_FOUND").setDomain("ramet.dev");
    String now = renamed.get(name);
    if (now != null) {
      info.putMetadata("called_now", now);
    }
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.NOT_FOUND.getNumber())
            .setMessage("there is no clone " + name)
            .addDetails(Any.pack(info.build()))
            .build());
  }

  static StatusRuntimeException notFound(String thing, String name) {
    return error(
        Code.NOT_FOUND,
        thing.toUpperCase(java.util.Locale.ROOT) + "_NOT_FOUND",
        "there is no " + thing + " " + name);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
