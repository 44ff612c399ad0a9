package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.fleet.Tunnel;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.ConnectRequest;
import dev.ramet.proto.v1.ConnectResponse;
import dev.ramet.proto.v1.ProxyServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
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
      Set.of("NOT_FOUND", "INSTANCE_DIED", "INSTANCE_NOT_READY", "INSTANCE_FROZEN");

  private final Records records;
  private final Fleet fleet;
  private final CloneLookup clones;

  public ProxyApi(Records records, Fleet fleet) {
    this.records = records;
    this.fleet = fleet;
    this.clones = new CloneLookup(records);
  }

  @Override
  public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> out) {
    return ProxyRelay.begin((ServerCallStreamObserver<ConnectResponse>) out, this::open);
  }

  /**
   * Leads to where the clone is now: its volume's id is that of its instance. While it is being
   * reset, that is the old one, until the new one takes its place.
   */
  private ProxyRelay.Opened open(ConnectRequest first, Tunnel.Listener listener) {
    View view = records.view();
    CloneRecord clone = find(view, first);
    CloneAssignment place = clone.getAssignment();
    Tunnel tunnel =
        fleet.tunnel(Agents.address(view, place.getHost()), place.getVolume(), listener);
    return new ProxyRelay.Opened(tunnel, clone.getMeta().getName(), clone.getMeta().getUid());
  }

  private CloneRecord find(View view, ConnectRequest first) {
    boolean gone =
        first.getFollow() && CloneRecords.find(view, first.getClone(), first.getUid()).isEmpty();
    CloneRecord clone =
        CloneLookup.find(view, first.getClone(), gone ? "" : first.getUid()).value();
    CloneState state = CloneRecords.state(clone);
    if (state != CloneState.READY && state != CloneState.RESETTING) {
      throw clones.notNow(clone, "connected to");
    }
    return clone;
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
