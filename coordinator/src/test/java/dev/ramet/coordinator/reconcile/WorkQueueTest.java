package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkQueueTest {
  private static final Key<?> KEY = Keys.clone("a");
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void aKeyIsLookedAtByOneAtATimeAndNoAdditionIsLost() throws InterruptedException {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger added = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    try (WorkQueue queue =
        new WorkQueue(
            (_, _) -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              seen.set(added.get());
              Thread.sleep(1);
              inside.decrementAndGet();
              return Next.whenever();
            },
            timer)) {
      for (int i = 0; i < 500; i++) {
        added.incrementAndGet();
        queue.add(KEY);
      }
      awaitEmpty(queue);
    }
    assertThat(most).hasValue(1);
    assertThat(seen).as("the last look saw the last addition").hasValue(500);
  }

  @Test
  void anAdditionWhileItIsLookedAtIsTold() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    try (WorkQueue queue =
        new WorkQueue(
            (_, touched) -> {
              if (looks.incrementAndGet() == 1) {
                touched.onCancel(told::countDown);
                begun.countDown();
                told.await();
              }
              return Next.whenever();
            },
            timer)) {
      queue.add(KEY);
      begun.await();
      queue.add(KEY);
      assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
      awaitEmpty(queue);
    }
    assertThat(looks).hasValue(2);
  }

  @Test
  void aKeyComesBackAfterItsPause() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    try (WorkQueue queue =
        new WorkQueue(
            (_, _) ->
                looks.incrementAndGet() < 3 ? Next.after(Duration.ofMillis(20)) : Next.whenever(),
            timer)) {
      queue.add(KEY);
      awaitEmpty(queue);
    }
    assertThat(looks).hasValue(3);
  }

  @Test
  void aKeyWhoseWorkerBrokeIsFreeForTheNextAddition() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    try (WorkQueue queue =
        new WorkQueue(
            (_, _) -> {
              if (looks.incrementAndGet() == 1) {
                throw new AssertionError("broken on purpose: this trace belongs to the test");
              }
              return Next.whenever();
            },
            timer)) {
      queue.add(KEY);
      awaitEmpty(queue);
      queue.add(KEY);
      awaitEmpty(queue);
    }
    assertThat(looks).hasValue(2);
  }

  @Test
  void afterClosingNothingRuns() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    WorkQueue queue =
        new WorkQueue(
            (_, _) -> {
              looks.incrementAndGet();
              return Next.after(Duration.ofMillis(1));
            },
            timer);
    queue.add(KEY);
    queue.close();
    Thread.sleep(50);
    int before = looks.get();
    queue.add(KEY);
    Thread.sleep(50);
    assertThat(looks).hasValue(before);
  }

  private static void awaitEmpty(WorkQueue queue) throws InterruptedException {
    while (queue.depth() > 0) {
      Thread.sleep(2);
    }
  }
}
