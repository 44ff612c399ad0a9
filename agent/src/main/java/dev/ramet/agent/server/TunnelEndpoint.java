package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.Instance;
import dev.ramet.agent.instance.Instances;
import dev.ramet.proto.agent.v1.ConnectRequest;
import dev.ramet.proto.agent.v1.ConnectResponse;
import dev.ramet.proto.agent.v1.TunnelServiceGrpc;
import dev.ramet.proto.agent.v1.TunnelServiceGrpc.TunnelServiceImplBase;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Connections to instances, passed on. */
final class TunnelEndpoint extends TunnelServiceImplBase implements AutoCloseable {
  private final Instances instances;
  private final EventLoops loops;
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();

  TunnelEndpoint(Instances instances, EventLoops loops) {
    this.instances = instances;
    this.loops = loops;
  }

  /** Whether calls of the method must run where {@link EventLoops} says. */
  static boolean serves(MethodDescriptor<?, ?> method) {
    return TunnelServiceGrpc.SERVICE_NAME.equals(method.getServiceName());
  }

  @Override
  public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> out) {
    Tunnel tunnel =
        new Tunnel(
            (ServerCallStreamObserver<ConnectResponse>) out,
            loops.current(),
            this::address,
            open::remove);
    open.add(tunnel);
    return tunnel;
  }

  /** Ends all tunnels, as an agent that goes down does. */
  @Override
  public void close() {
    open.forEach(Tunnel::close);
  }

  /** Where the instance listens, as its labels say. Blocks: it asks its runtime. */
  private InetSocketAddress address(String id) {
    Instance instance =
        instances
            .find(id)
            .orElseThrow(() ->
                new AgentException(
                    AgentError.NOT_FOUND, "there is no instance '%s' here".formatted(id)));
    if (instance.state() == Instance.State.DEAD) {
      throw new AgentException(
          AgentError.INSTANCE_DIED,
          "instance '%s' has ended: %s".formatted(id, instance.problem()));
    }
    if (instance.state() == Instance.State.FROZEN) {
      throw Instances.frozen(id);
    }
    if (instance.port() == 0) {
      throw new AgentException(
          AgentError.INSTANCE_NOT_READY, "instance '%s' listens on no network".formatted(id));
    }
    InetSocketAddress listens = new InetSocketAddress(instance.address(), instance.port());
    return !listens.isUnresolved() && listens.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), instance.port())
        : listens;
  }
}
