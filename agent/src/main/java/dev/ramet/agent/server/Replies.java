package dev.ramet.agent.server;

import io.grpc.stub.StreamObserver;

/** Makes and sends the answers of unary calls. */
final class Replies {
  private final InFlight inFlight;

  Replies(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /** Makes an answer; may block, the call has a virtual thread of its own. */
  @FunctionalInterface
  interface Answer<T> {
    T make() throws InterruptedException;
  }

  /**
   * Makes the answer while the claims are held, and sends it when they are given back, so that the
   * caller's next call finds them free. What is thrown is for {@link ErrorInterceptor}.
   */
  <T> void send(StreamObserver<T> out, Answer<T> answer, InFlight.Claim... claims) {
    T made;
    try (InFlight.Held _ = inFlight.claim(claims)) {
      made = answer.make();
    } catch (InterruptedException e) {
      throw GrpcErrors.of(e);
    }
    out.onNext(made);
    out.onCompleted();
  }
}
