package dev.ramet.client;

import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneServiceGrpc.CloneServiceImplBase;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.WatchCloneRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A clone service that does, call by call, what a test wrote down; it repeats the last thing. */
final class ScriptedCoordinator extends CloneServiceImplBase {
  private final Deque<Consumer<StreamObserver<Clone>>> answers = new ArrayDeque<>();
  private final Deque<Consumer<StreamObserver<CloneEvent>>> watches = new ArrayDeque<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger watchCalls = new AtomicInteger();

  ScriptedCoordinator answers(Clone clone) {
    answers.add(observer -> {
      observer.onNext(clone);
      observer.onCompleted();
    });
    return this;
  }

  ScriptedCoordinator refuses(Throwable error) {
    answers.add(observer -> observer.onError(error));
    return this;
  }

  /** A watch that sends these states and stays open. */
  ScriptedCoordinator watchSends(Clone... states) {
    watches.add(observer -> send(observer, states));
    return this;
  }

  /** A watch that sends these states and then breaks. */
  ScriptedCoordinator watchBreaksAfter(Clone... states) {
    watches.add(observer -> {
      send(observer, states);
      observer.onError(Status.UNAVAILABLE.withDescription("going away").asException());
    });
    return this;
  }

  /** A watch that sends these states and then ends as if all were said. */
  ScriptedCoordinator watchEndsAfter(Clone... states) {
    watches.add(observer -> {
      send(observer, states);
      observer.onCompleted();
    });
    return this;
  }

  ScriptedCoordinator watchSaysGone(String name, String uid) {
    watches.add(observer ->
        observer.onNext(
            CloneEvent.newBuilder()
                .setDeleted(true)
                .setClone(Clone.newBuilder().setName(name).setUid(uid))
                .build()));
    return this;
  }

  ScriptedCoordinator watchRefuses(Throwable error) {
    watches.add(observer -> observer.onError(error));
    return this;
  }

  int calls() {
    return calls.get();
  }

  int watchCalls() {
    return watchCalls.get();
  }

  private static void send(StreamObserver<CloneEvent> observer, Clone... states) {
    for (Clone state : states) {
      observer.onNext(CloneEvent.newBuilder().setClone(state).build());
    }
  }

  private void answer(StreamObserver<Clone> observer) {
    calls.incrementAndGet();
    next(answers).accept(observer);
  }

  private static synchronized <T> T next(Deque<T> script) {
    return script.size() > 1 ? script.removeFirst() : script.getFirst();
  }

  @Override
  public void createClone(CreateCloneRequest request, StreamObserver<Clone> observer) {
    answer(observer);
  }

  @Override
  public void getClone(GetCloneRequest request, StreamObserver<Clone> observer) {
    answer(observer);
  }

  @Override
  public void deleteClone(DeleteCloneRequest request, StreamObserver<Clone> observer) {
    answer(observer);
  }

  @Override
  public void watchClone(WatchCloneRequest request, StreamObserver<CloneEvent> observer) {
    watchCalls.incrementAndGet();
    next(watches).accept(observer);
  }

  /** Two pages: "a" and "b", then "c". */
  @Override
  public void listClones(ListClonesRequest request, StreamObserver<ListClonesResponse> observer) {
    calls.incrementAndGet();
    boolean first = request.getPageToken().isEmpty();
    ListClonesResponse.Builder page = ListClonesResponse.newBuilder();
    (first ? List.of("a", "b") : List.of("c"))
        .forEach(name -> page.addClones(Clone.newBuilder().setName(name)));
    observer.onNext(page.setNextPageToken(first ? "more" : "").build());
    observer.onCompleted();
  }
}
