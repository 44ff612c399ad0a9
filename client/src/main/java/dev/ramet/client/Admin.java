package dev.ramet.client;

import dev.ramet.proto.v1.AdminServiceGrpc;
import dev.ramet.proto.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.ramet.proto.v1.CheckHostsRequest;
import dev.ramet.proto.v1.CheckHostsResponse;
import dev.ramet.proto.v1.ReapOrphansRequest;
import dev.ramet.proto.v1.WatchReapsRequest;
import io.grpc.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * For operators: what hosts hold against what the records want. Thread-safe. Every method may throw
 * {@link RametException}.
 */
public final class Admin {
  private static final Duration CHECK_TIMEOUT = Duration.ofMinutes(2);

  private final Connection connection;
  private final AdminServiceBlockingStub stub;

  Admin(Connection connection, Channel channel) {
    this.connection = connection;
    this.stub = AdminServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Asks hosts what they hold, and compares. Changes nothing.
   *
   * @param host empty: all
   */
  public HostsCheck check(String host) {
    CheckHostsRequest request = CheckHostsRequest.newBuilder().setHost(host).build();
    CheckHostsResponse answer = connection.call(stub, CHECK_TIMEOUT, s -> s.checkHosts(request));
    return new HostsCheck(
        answer.getHostsList().stream().map(AdminValues::check).toList(),
        answer.getUnreadableRecordsList());
  }

  /**
   * Wants orphans to be removed at once instead of after the grace period.
   *
   * <p>Repeat: a new wish, which finds what the last one left.
   *
   * @param host empty: all that are alive
   */
  public Pending<List<Reap>> reap(String host) {
    ReapOrphansRequest request = ReapOrphansRequest.newBuilder().setHost(host).build();
    List<dev.ramet.proto.v1.Reap> asked =
        connection.call(stub, s -> s.reapOrphans(request)).getReapsList();
    List<Reap> now = asked.stream().map(AdminValues::reap).toList();
    return new Pending<>(now, (timeout, listener) -> await(asked, now, timeout, listener));
  }

  private List<Reap> await(
      List<dev.ramet.proto.v1.Reap> asked,
      List<Reap> now,
      Duration timeout,
      WaitListener<? super List<Reap>> listener) {
    Map<String, Reap> over = new TreeMap<>();
    now.stream()
        .filter(reap -> reap.failure() != null)
        .forEach(reap -> over.put(reap.host(), reap));
    listener.changed(now);
    if (over.size() < now.size()) {
      WatchReapsRequest request = WatchReapsRequest.newBuilder().addAllReaps(asked).build();
      connection.watch(
          stub,
          s -> s.watchReaps(request),
          reap -> {
            over.put(reap.getHost(), AdminValues.reap(reap));
            listener.changed(List.copyOf(over.values()));
            return over.size() == now.size();
          },
          timeout,
          "orphans are not removed from every host after "
              + Connection.spoken(timeout)
              + "; that goes on",
          listener);
    }
    return List.copyOf(over.values());
  }
}
