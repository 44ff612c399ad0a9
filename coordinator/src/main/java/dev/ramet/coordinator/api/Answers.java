package dev.ramet.coordinator.api;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * The frame around each unary call: unknown fields are refused, what is thrown becomes a status.
 */
final class Answers {
  private Answers() {}

  static <Q extends Message, A> void answer(
      Q request, StreamObserver<A> observer, Function<Q, A> body) {
    A answer;
    try {
      UnknownFields.refuse(request);
      answer = body.apply(request);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }
}
