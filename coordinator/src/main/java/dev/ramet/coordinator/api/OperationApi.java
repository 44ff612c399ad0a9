package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.v1.GetOperationRequest;
import dev.ramet.proto.v1.ListOperationsRequest;
import dev.ramet.proto.v1.ListOperationsResponse;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.OperationServiceGrpc;
import dev.ramet.proto.v1.WatchOperationRequest;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The operations' part of the public API. */
public final class OperationApi extends OperationServiceGrpc.OperationServiceImplBase {
  private final Records records;

  public OperationApi(Records records) {
    this.records = records;
  }

  @Override
  public void getOperation(GetOperationRequest request, StreamObserver<Operation> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("id", asked.getId()).done();
          return find(asked.getId()).value().getOperation();
        });
  }

  @Override
  public void listOperations(
      ListOperationsRequest request, StreamObserver<ListOperationsResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().pageSize(asked.getPageSize()).done();
          List<Operation> all =
              records.view().list(Kind.OPERATION).stream()
                  .map(operation -> operation.value().getOperation())
                  .sorted(Comparator.comparing(OperationApi::newestFirst))
                  .toList();
          Pages.Cut<Operation> page =
              Pages.cut(
                  all,
                  OperationApi::newestFirst,
                  asked.getPageSize(),
                  asked.getPageToken(),
                  ListOperationsRequest.getDefaultInstance());
          return ListOperationsResponse.newBuilder()
              .addAllOperations(page.items())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void watchOperation(WatchOperationRequest request, StreamObserver<Operation> observer) {
    try {
      UnknownFields.refuse(request);
      new RequestCheck().name("id", request.getId()).done();
      find(request.getId());
      WatchStream.open(
          records.informer(),
          key -> key.equals(Keys.operation(request.getId())),
          observer,
          (change, stream) -> {
            Optional<Operation> now =
                records
                    .informer()
                    .view()
                    .get(Keys.operation(request.getId()))
                    .map(operation -> operation.value().getOperation());
            now.ifPresent(operation -> stream.offer(request.getId(), operation));
            if (now.map(Operation::getDone).orElse(true)) {
              stream.end();
            }
          });
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private Versioned<OperationRecord> find(String id) {
    return records
        .find(Keys.operation(id))
        .orElseThrow(() ->
            ErrorCode.OPERATION_NOT_FOUND.exception(
                "there is no operation '%s': it may have been over for long; `operation ls` lists those kept"
                    .formatted(id)));
  }

  /** Sorts by time downwards, then by id. */
  private static String newestFirst(Operation operation) {
    long nanos =
        operation.getCreateTime().getSeconds() * 1_000_000_000L
            + operation.getCreateTime().getNanos();
    return "%019d/%s".formatted(Long.MAX_VALUE - nanos, operation.getId());
  }
}
