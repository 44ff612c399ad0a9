package dev.ramet.client;

import dev.ramet.proto.v1.GetOperationRequest;
import dev.ramet.proto.v1.ListOperationsRequest;
import dev.ramet.proto.v1.ListOperationsResponse;
import dev.ramet.proto.v1.OperationServiceGrpc;
import dev.ramet.proto.v1.OperationServiceGrpc.OperationServiceBlockingStub;
import dev.ramet.proto.v1.WatchOperationRequest;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Long-running work. Thread-safe. Every method may throw {@link RametException}. */
public final class Operations {
  private static final int PAGE = 1000;

  private final Connection connection;
  private final OperationServiceBlockingStub stub;

  Operations(Connection connection, Channel channel) {
    this.connection = connection;
    this.stub = OperationServiceGrpc.newBlockingStub(channel);
  }

  /** The operation, to be looked at or waited for. NOT_FOUND where there is none. */
  public Pending<Operation> get(String id) {
    GetOperationRequest request = GetOperationRequest.newBuilder().setId(id).build();
    return pending(connection.call(stub, s -> s.getOperation(request)));
  }

  /**
   * Newest first.
   *
   * @param limit at most so many
   */
  public List<Operation> list(int limit) {
    List<Operation> operations = new ArrayList<>();
    String page = "";
    do {
      ListOperationsRequest request =
          ListOperationsRequest.newBuilder()
              .setPageSize(Math.min(PAGE, limit - operations.size()))
              .setPageToken(page)
              .build();
      ListOperationsResponse response = connection.call(stub, s -> s.listOperations(request));
      response.getOperationsList().forEach(o -> operations.add(ProtoValues.operation(o)));
      page = response.getNextPageToken();
    } while (!page.isEmpty() && operations.size() < limit);
    return operations;
  }

  Pending<Operation> pending(dev.ramet.proto.v1.Operation message) {
    Operation started = ProtoValues.operation(message);
    return new Pending<>(started, (timeout, listener) -> awaitDone(started, timeout, listener));
  }

  private Operation awaitDone(
      Operation started, Duration timeout, WaitListener<? super Operation> listener) {
    Operation[] last = {started};
    listener.changed(started);
    if (!started.done()) {
      WatchOperationRequest request =
          WatchOperationRequest.newBuilder().setId(started.id()).build();
      connection.watch(
          stub,
          s -> s.watchOperation(request),
          message -> {
            last[0] = ProtoValues.operation(message);
            listener.changed(last[0]);
            return last[0].done();
          },
          timeout,
          "operation "
              + started.id()
              + " ("
              + started.target()
              + ") is not done after "
              + Connection.spoken(timeout)
              + "; it goes on",
          listener);
    }
    Failure failure = last[0].failure();
    if (failure != null) {
      throw RametException.of(failure);
    }
    return last[0];
  }
}
