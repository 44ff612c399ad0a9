package dev.ramet.coordinator.testing;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The calls of a {@link FakeAgent}: counted, and turned away for an old fence, cut, refused or held
 * on order.
 *
 * <p>Threads: all of the agent's state is guarded by its own monitor; effects run within it.
 */
abstract class FakeCalls {
  private static final Context.Key<Long> FENCE = Context.key("fence");

  private record Refusal(Status.Code code, String reason, int times) {}

  private final Map<String, Refusal> refusals = new TreeMap<>();
  private final Map<String, Set<String>> held = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private long greatestFence;
  private int cutAt = Integer.MAX_VALUE;
  private Cut cut = Cut.BEFORE_EFFECT;
  private int cutCalls;
  private int turnedAway;

  /**
   * The n-th mutating call from now on (from 0) and all after it fail as if the agent were gone.
   */
  public final synchronized void cutFrom(int n, Cut how) {
    cutAt = calls.size() + n;
    cut = how;
    cutCalls = 0;
  }

  public final synchronized void heal() {
    cutAt = Integer.MAX_VALUE;
    refusals.clear();
  }

  /** Every call of this verb is refused for good from now on. */
  public final synchronized void refuse(String verb, Status.Code code) {
    refuse(verb, code, "REFUSED", Integer.MAX_VALUE);
  }

  /**
   * The next calls are refused with this reason.
   *
   * @param call a verb, or a verb and an id: "DeleteVolume a.abcd0123"
   */
  public final synchronized void refuse(String call, Status.Code code, String reason, int times) {
    refusals.put(call, new Refusal(code, reason, times));
  }

  /** The agent is there again; what is to be refused still is. */
  public final synchronized void uncut() {
    cutAt = Integer.MAX_VALUE;
  }

  /** As one that has seen a leader with this fence. */
  public final synchronized void setGreatestFence(long fence) {
    greatestFence = fence;
  }

  /** Calls whose fence was too small. */
  public final synchronized int turnedAway() {
    return turnedAway;
  }

  public final synchronized int cutCalls() {
    return cutCalls;
  }

  public final synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /**
   * Calls of this verb begin and then take until {@link #release}. As real ones: a start and a copy
   * keep their id in flight meanwhile, a start ends when its caller leaves, a copy and a load when
   * they are cancelled.
   */
  public final synchronized void hold(String verb) {
    held.put(verb, new HashSet<>());
  }

  /** Ids that calls of this verb are held on. */
  public final synchronized Set<String> heldIn(String verb) {
    return Set.copyOf(held.getOrDefault(verb, Set.of()));
  }

  /** Those that are held go on, if they were not cancelled. */
  public final synchronized void release(String verb) {
    held.remove(verb);
    notifyAll();
  }

  static StatusRuntimeException error(Status.Code code, String reason, String words) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(words)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setReason(reason).setDomain("ramet.dev").build()))
            .build());
  }

  final <A> void mutate(String verb, String id, StreamObserver<A> out, Supplier<A> effect) {
    A answer;
    try {
      synchronized (this) {
        checkFence();
        int call = calls.size();
        calls.add(verb + " " + id);
        refuseOnOrder(verb);
        refuseOnOrder(verb + " " + id);
        if (call >= cutAt) {
          cutCalls++;
          if (cut == Cut.AFTER_EFFECT && call == cutAt) {
            effect.get();
          }
          throw Status.UNAVAILABLE.withDescription("cut").asRuntimeException();
        }
        answer = effect.get();
      }
    } catch (StatusRuntimeException failed) {
      out.onError(failed);
      return;
    }
    out.onNext(answer);
    out.onCompleted();
  }

  private synchronized boolean isHeld(String verb, String id) {
    return held.getOrDefault(verb, Set.of()).contains(id);
  }

  final synchronized void endHeld(String verb, String id) {
    held.getOrDefault(verb, new HashSet<>()).remove(id);
    notifyAll();
  }

  /** Waits while calls of this verb are held; false: it was ended meanwhile. */
  final synchronized boolean waits(String verb, String id, StreamObserver<?> out) {
    if (!held.containsKey(verb)) {
      return true;
    }
    held.get(verb).add(id);
    if (verb.equals("StartInstance")) {
      Context.current().addListener(_ -> endHeld(verb, id), Runnable::run);
    }
    try {
      while (isHeld(verb, id)) {
        wait();
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (!held.containsKey(verb)) {
      return true;
    }
    out.onError(error(Status.Code.CANCELLED, "CANCELLED", "cancelled"));
    return false;
  }

  final void requireFree(String verb, String id) {
    if (isHeld(verb, id)) {
      throw error(Status.Code.ABORTED, "IN_FLIGHT", verb + " works on it");
    }
  }

  private void refuseOnOrder(String call) {
    Refusal refusal = refusals.remove(call);
    if (refusal == null) {
      return;
    }
    if (refusal.times() > 1) {
      refusals.put(call, new Refusal(refusal.code(), refusal.reason(), refusal.times() - 1));
    }
    throw error(refusal.code(), refusal.reason(), "refused on order");
  }

  private void checkFence() {
    long fence = FENCE.get();
    if (fence < greatestFence) {
      turnedAway++;
      throw error(Status.Code.FAILED_PRECONDITION, "STALE_FENCE", "another coordinator leads");
    }
    greatestFence = fence;
  }

  static final class FenceInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> HEADER =
        Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String fence = headers.get(HEADER);
      Context context =
          Context.current().withValue(FENCE, fence == null ? -1L : Long.parseLong(fence));
      return Contexts.interceptCall(context, call, headers, next);
    }
  }
}
