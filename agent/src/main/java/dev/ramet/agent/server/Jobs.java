package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that run now, by key. A job holds its claims from before it begins until just before
 * those who watch it are told of its end.
 *
 * @param <A> arguments: only a call with equal ones may join
 * @param <P> progress
 */
final class Jobs<A, P> {
  private final InFlight inFlight;
  private final Map<String, Running<A, P>> running = new HashMap<>();
  private boolean closing;

  private record Running<A, P>(A arguments, Job<P> job, Thread thread) {}

  Jobs(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /**
   * Joins the job of this key, or begins it.
   *
   * @throws AgentException {@code ALREADY_EXISTS} where it runs with other arguments, {@code
   *     IN_FLIGHT} where another call holds a claim
   */
  Job<P> join(String key, A arguments, Job.Work<P> work, InFlight.Claim... claims) {
    synchronized (running) {
      Running<A, P> current = running.get(key);
      if (current != null && !current.arguments().equals(arguments)) {
        throw new AgentException(
            AgentError.ALREADY_EXISTS,
            "%s is being worked on with other arguments; wait for its end or cancel it"
                .formatted(key));
      }
      return current != null ? current.job() : begin(key, arguments, work, claims);
    }
  }

  /** Interrupts the job of this key and returns when it has ended. None: nothing to do. */
  void cancel(String key) throws InterruptedException {
    Optional<Running<A, P>> current;
    synchronized (running) {
      current = Optional.ofNullable(running.get(key));
    }
    if (current.isPresent()) {
      current.get().thread().interrupt();
      current.get().job().awaitEnd();
    }
  }

  /**
   * Interrupts all jobs, for the agent's end. Those who watch are told of that, not of whatever the
   * interrupt made the work fail with.
   */
  void close() throws InterruptedException {
    List<String> keys;
    synchronized (running) {
      closing = true;
      keys = List.copyOf(running.keySet());
    }
    for (String key : keys) {
      cancel(key);
    }
  }

  private Job<P> begin(String key, A arguments, Job.Work<P> work, InFlight.Claim... claims) {
    InFlight.Held held = inFlight.claim(claims);
    Job<P> job = new Job<>();
    Thread thread =
        Thread.ofVirtual().name("job " + key).unstarted(() -> run(key, job, work, held));
    running.put(key, new Running<>(arguments, job, thread));
    thread.start();
    return job;
  }

  private void run(String key, Job<P> job, Job.Work<P> work, InFlight.Held held) {
    RuntimeException failure = null;
    try {
      work.run(job);
    } catch (InterruptedException e) {
      failure =
          new AgentException(
              AgentError.CANCELLED, "the work on %s was cancelled".formatted(key), e);
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      failure = new IllegalStateException("the work on %s broke".formatted(key), e);
    } finally {
      finish(key, job, held, failure);
    }
  }

  private void finish(
      String key, Job<P> job, InFlight.Held held, @Nullable RuntimeException failure) {
    RuntimeException told;
    synchronized (running) {
      running.remove(key);
      held.close();
      told =
          closing && failure != null
              ? GrpcErrors.of(new InterruptedException("the agent is being stopped"))
              : failure;
    }
    job.end(told);
  }
}
