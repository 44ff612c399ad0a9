package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.server.InFlight.Claim;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class JobsTest {
  private static final Claim VOLUME = Claim.volume("main", "v");

  private final InFlight inFlight = new InFlight();
  private final Jobs<String, Integer> jobs = new Jobs<>(inFlight);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void aSecondCallJoinsAndBothAreToldTheResult() throws InterruptedException {
    Job<Integer> first = jobs.join("k", "a", this::work, VOLUME);
    Job<Integer> second = jobs.join("k", "a", this::work, VOLUME);
    go.countDown();
    assertThat(last(first)).isEqualTo(42);
    assertThat(last(second)).isEqualTo(42);
    assertThat(runs).hasValue(1);
  }

  @Test
  void otherArgumentsAreRefusedWhileItRuns() {
    jobs.join("k", "a", this::work, VOLUME);
    AgentException refusal =
        catchThrowableOfType(AgentException.class, () -> jobs.join("k", "b", this::work, VOLUME));
    assertThat(refusal.error()).isEqualTo(AgentError.ALREADY_EXISTS);
    go.countDown();
  }

  @Test
  void theClaimIsHeldToTheEndAndFreeWhenTheResultIsTold() throws InterruptedException {
    Job<Integer> job = jobs.join("k", "a", this::work, VOLUME);
    assertThatThrownBy(() -> inFlight.claim(VOLUME)).isInstanceOf(AgentException.class);
    go.countDown();
    job.awaitEnd();
    inFlight.claim(VOLUME).close();
  }

  @Test
  void aWatcherWhoLeavesDoesNotEndIt() throws InterruptedException {
    Job<Integer> job =
        jobs.join(
            "k",
            "a",
            running -> {
              running.publish(1);
              work(running);
            },
            VOLUME);
    assertThatThrownBy(() ->
            job.watch(progress -> {
              throw new CancellationException();
            }))
        .isInstanceOf(CancellationException.class);
    go.countDown();
    assertThat(last(job)).isEqualTo(42);
  }

  @Test
  void aFailureIsToldToAllAndTheNextCallBeginsAnew() throws InterruptedException {
    Job<Integer> job =
        jobs.join(
            "k",
            "a",
            running -> {
              go.await();
              throw new AgentException(AgentError.LOAD_FAILED, "no");
            },
            VOLUME);
    go.countDown();
    assertThatThrownBy(() -> last(job)).hasMessage("no");
    assertThat(last(jobs.join("k", "b", this::work, VOLUME))).isEqualTo(42);
  }

  @Test
  void cancelInterruptsAndWaits() throws InterruptedException {
    Job<Integer> job = jobs.join("k", "a", this::work, VOLUME);
    jobs.cancel("k");
    jobs.cancel("k");
    inFlight.claim(VOLUME).close();
    AgentException told = catchThrowableOfType(AgentException.class, () -> last(job));
    assertThat(told.error()).isEqualTo(AgentError.CANCELLED);
  }

  @Test
  void theAgentsEndIsToldAsSuchWhateverTheWorkFailedWith() throws InterruptedException {
    Job<Integer> job =
        jobs.join(
            "k",
            "a",
            running -> {
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException("channel closed", e);
              }
            },
            VOLUME);
    jobs.close();
    StatusRuntimeException told =
        catchThrowableOfType(StatusRuntimeException.class, () -> last(job));
    assertThat(told.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void progressIsToldAtMostFiveTimesASecondAndTheResultAlways() throws InterruptedException {
    Job<Integer> job =
        jobs.join(
            "k",
            "a",
            running -> {
              for (int i = 0; i < 600; i++) {
                running.publish(i);
                Thread.sleep(1);
              }
              running.publish(-1);
            },
            VOLUME);
    List<Integer> told = new ArrayList<>();
    long begun = System.nanoTime();
    job.watch(told::add);
    long fifthsOfASecond = (System.nanoTime() - begun) / 200_000_000L;
    assertThat(told).hasSizeBetween(2, (int) fifthsOfASecond + 2).endsWith(-1);
  }

  private void work(Job<Integer> job) throws InterruptedException {
    runs.incrementAndGet();
    go.await();
    job.publish(42);
  }

  private static int last(Job<Integer> job) throws InterruptedException {
    List<Integer> told = new ArrayList<>();
    job.watch(told::add);
    return told.getLast();
  }
}
