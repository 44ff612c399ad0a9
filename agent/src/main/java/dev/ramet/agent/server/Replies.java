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
    send(out, claims, answer);
  }

  /**
   * As {@link #send}, for an answer that takes long and takes back what it began: its thread is
   * interrupted when the caller leaves, so that the claims are free soon.
   */
  <T> void sendInterruptibly(StreamObserver<T> out, Answer<T> answer, InFlight.Claim... claims) {
    send(
        out,
        claims,
        () -> {
          // The call's own handlers run after this method; its context is cancelled at once.
          try (CallerWatch _ = CallerWatch.begin()) {
            return answer.make();
          }
        });
  }

  private <T> void send(StreamObserver<T> out, InFlight.Claim[] claims, Answer<T> answer) {
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
