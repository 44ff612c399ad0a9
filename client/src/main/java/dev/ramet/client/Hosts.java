package dev.ramet.client;

import com.google.protobuf.FieldMask;
import dev.ramet.proto.v1.DeleteHostRequest;
import dev.ramet.proto.v1.GetHostRequest;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.HostServiceGrpc.HostServiceBlockingStub;
import dev.ramet.proto.v1.ListHostsRequest;
import dev.ramet.proto.v1.ListHostsResponse;
import dev.ramet.proto.v1.UpdateHostRequest;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;

/** Machines that run an agent. Thread-safe. Every method may throw {@link RametException}. */
public final class Hosts {
  private static final int PAGE = 1000;

  private final Connection connection;
  private final HostServiceBlockingStub stub;
  private final Operations operations;

  Hosts(Connection connection, Channel channel, Operations operations) {
    this.connection = connection;
    this.operations = operations;
    this.stub = HostServiceGrpc.newBlockingStub(channel);
  }

  /** NOT_FOUND where there is none. */
  public Host get(String name) {
    GetHostRequest request = GetHostRequest.newBuilder().setName(name).build();
    return ProtoValues.host(connection.call(stub, s -> s.getHost(request)));
  }

  /** All hosts, by name. */
  public List<Host> list() {
    List<Host> hosts = new ArrayList<>();
    String page = "";
    do {
      ListHostsRequest request =
          ListHostsRequest.newBuilder().setPageSize(PAGE).setPageToken(page).build();
      ListHostsResponse response = connection.call(stub, s -> s.listHosts(request));
      response.getHostsList().forEach(host -> hosts.add(ProtoValues.host(host)));
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return hosts;
  }

  /** Keeps new clones and replicas off the host; what runs goes on. Repeat: no change. */
  public Host cordon(String name) {
    return setCordoned(name, true);
  }

  /** Undoes {@link #cordon}. Repeat: no change. */
  public Host uncordon(String name) {
    return setCordoned(name, false);
  }

  /**
   * Declares a host lost, which is gone for good: its record goes, and what it held is given up.
   * {@link ErrorKind#PRECONDITION}, altering nothing, while it is alive. What is missing is deleted
   * at once.
   *
   * @param force also where clones or the only replica of a revision are on it; without it they are
   *     named and nothing is altered
   */
  public Pending<Operation> delete(String name, boolean force) {
    DeleteHostRequest request =
        DeleteHostRequest.newBuilder().setName(name).setForce(force).build();
    return operations.pending(connection.call(stub, s -> s.deleteHost(request)));
  }

  private Host setCordoned(String name, boolean cordoned) {
    UpdateHostRequest request =
        UpdateHostRequest.newBuilder()
            .setHost(dev.ramet.proto.v1.Host.newBuilder().setName(name).setCordoned(cordoned))
            .setUpdateMask(FieldMask.newBuilder().addPaths("cordoned"))
            .build();
    return ProtoValues.host(connection.call(stub, s -> s.updateHost(request)));
  }
}
