package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.fleet.Tunnel;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.ConnectRequest;
import dev.ramet.proto.v1.ConnectResponse;
import dev.ramet.proto.v1.ProxyServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;

/**
 * Connections to clones, passed on to the agents of their hosts. Calls run on event loops (see
 * {@link dev.ramet.coordinator.fleet.EventLoops}): nothing here blocks.
 */
public final class ProxyApi extends ProxyServiceGrpc.ProxyServiceImplBase {
  /** Its name, for the server: its calls belong on event loops. */
  public static final String SERVICE = ProxyServiceGrpc.SERVICE_NAME;

  /** What an agent says where the server itself is at fault. */
  private static final Set<String> SERVER_FAULTS =
      Set.of("NOT_FOUND", "INSTANCE_DIED", "INSTANCE_NOT_READY");

  private final Records records;
  private final Fleet fleet;

  public ProxyApi(Records records, Fleet fleet) {
    this.records = records;
    this.fleet = fleet;
  }

  @Override
  public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> out) {
    return ProxyRelay.begin((ServerCallStreamObserver<ConnectResponse>) out, this::open);
  }

  /** Leads to where the clone is now: its volume's id is that of its instance. */
  private Tunnel open(ConnectRequest first, Tunnel.Listener listener) {
    View view = records.view();
    CloneRecord clone = find(view, first);
    String host = clone.getAssignment().getHost();
    if (HostViews.alive(view, host).isEmpty()) {
      throw ErrorCode.HOST_LOST.exception(
          "host %s of clone %s has not been heard of lately: see that its agent runs"
              .formatted(host, first.getClone()));
    }
    String address =
        view.get(Keys.host(host))
            .map(record -> record.value().getAgentAddress())
            .orElseThrow(
                () -> ErrorCode.HOST_LOST.exception("host %s is not recorded".formatted(host)));
    return fleet.tunnel(address, clone.getAssignment().getVolume(), listener);
  }

  private static CloneRecord find(View view, ConnectRequest first) {
    String name = first.getClone();
    CloneRecord clone =
        view.get(Keys.clone(name))
            .map(found -> found.value())
            .filter(found ->
                first.getUid().isEmpty() || first.getUid().equals(found.getMeta().getUid()))
            .orElseThrow(() -> notFound(view, name));
    Clone.State state =
        clone.getMeta().hasDeleteTime() ? Clone.State.DELETING : clone.getStatus().getState();
    if (state != Clone.State.READY) {
      throw ErrorCode.CLONE_NOT_READY.exception(
          "clone %s is %s, not READY: see ramet clone show %s".formatted(name, shown(state), name));
    }
    return clone;
  }

  private static Clone.State shown(Clone.State state) {
    return state == Clone.State.STATE_UNSPECIFIED ? Clone.State.PENDING : state;
  }

  private static RuntimeException notFound(View view, String name) {
    List<String> names = view.list(Kind.CLONE).stream().map(clone -> clone.key().name()).toList();
    return ErrorCode.CLONE_NOT_FOUND.exception(
        "there is no clone '%s'; there is: %s".formatted(name, Rejections.listed(names, "none")));
  }

  /** What the caller is told of an agent's refusal. */
  static Fault fault(String clone, AgentException why) {
    Fault fault = why.fault();
    return SERVER_FAULTS.contains(fault.code())
        ? ErrorCode.INSTANCE_NOT_RUNNING.fault(
            "clone %s cannot be reached: %s; ramet clone logs %s may tell why"
                .formatted(clone, fault.message(), clone))
        : fault;
  }
}
