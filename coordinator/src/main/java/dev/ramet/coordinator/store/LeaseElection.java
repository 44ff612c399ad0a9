package dev.ramet.coordinator.store;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Election} by one key under a lease: whoever creates it leads, its create revision is the
 * fence, and its end is the end of the term. Plain transactions instead of etcd's own election
 * service, whose campaign is one request that hangs for as long as another leads.
 */
final class LeaseElection implements Election {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(400);
  private static final Duration AFTER_FAILURE = Duration.ofMillis(200);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  private final Requests requests;
  private final String key;
  private final String candidate;
  private final Duration ttl;
  private final Listener listener;
  private final ExecutorService calls =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("election-listener").factory());
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Term term;
  private volatile @Nullable String leader;
  // a lease of ours that may still hold the key although we gave the term up
  private long abandoned;

  LeaseElection(Requests requests, String key, String candidate, Duration ttl, Listener listener) {
    if (ttl.toSeconds() < 2) {
      throw new IllegalArgumentException("a term's time-to-live is 2 s or more, not " + ttl);
    }
    this.requests = requests;
    this.key = key;
    this.candidate = candidate;
    this.ttl = ttl;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("election").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public Optional<Leadership> leadership() {
    Term current = term;
    return current != null && current.isHeld() ? Optional.of(current) : Optional.empty();
  }

  @Override
  public Optional<String> leader() {
    return Optional.ofNullable(leader);
  }

  @Override
  public void close() {
    closed = true;
    Term held = term;
    if (held != null) {
      held.end();
    }
    thread.interrupt();
    try {
      boolean ended = thread.join(CLOSE_TIMEOUT);
      calls.shutdown();
      // others may begin when the lease goes: after our listener has stopped its work
      if (!ended || !calls.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the listener of the election did not stop in time");
      }
      revokeAbandoned();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    calls.shutdownNow();
  }

  private void run() {
    while (!closed) {
      try {
        Term won = campaign();
        if (won == null) {
          Thread.sleep(LOOK_INTERVAL);
        } else {
          hold(won);
        }
      } catch (InterruptedException e) {
        return;
      } catch (StoreException | ExecutionException | TimeoutException e) {
        leader = null;
        LOG.debug("campaigning failed and is repeated: {}", AttemptFailure.unwrap(e).toString());
        pauseAfterFailure();
      }
    }
  }

  private @Nullable Term campaign()
      throws InterruptedException, ExecutionException, TimeoutException {
    revokeAbandoned();
    Optional<KeyValue> holder = look();
    leader = holder.map(pair -> Bytes.text(pair.getValue())).orElse(null);
    if (holder.isPresent()) {
      return null;
    }
    String installation = installation();
    long sent = System.nanoTime();
    LeaseGrantResponse lease = once(link -> link.lease().grant(ttl.toSeconds()));
    abandoned = lease.getID(); // until we know that we won, and if we never know
    TxnResponse answer = once(link -> create(link, lease.getID()));
    if (!answer.isSucceeded()) {
      return null;
    }
    abandoned = 0;
    leader = candidate;
    long ends = Term.endOf(sent, lease.getTTL());
    return new Term(key, answer.getHeader().getRevision(), installation, lease.getID(), ends);
  }

  private String installation() throws InterruptedException, ExecutionException, TimeoutException {
    ByteSequence path = Bytes.of(Keys.INSTALLATION);
    String made = UUID.randomUUID().toString();
    TxnResponse answer =
        once(link ->
            link.kv()
                .txn()
                .If(new Cmp(path, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
                .Then(Op.put(path, Bytes.of(made), PutOption.DEFAULT))
                .Else(Op.get(path, GetOption.DEFAULT))
                .commit());
    return answer.isSucceeded()
        ? made
        : Bytes.text(answer.getGetResponses().getFirst().getKvs().getFirst().getValue());
  }

  private CompletableFuture<TxnResponse> create(Link link, long lease) {
    ByteSequence path = Bytes.of(key);
    PutOption underLease = PutOption.builder().withLeaseId(lease).build();
    ByteSequence value = ByteSequence.from(candidate, StandardCharsets.UTF_8);
    return link.kv()
        .txn()
        .If(new Cmp(path, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
        .Then(Op.put(path, value, underLease))
        .commit();
  }

  /** Renews the lease until the term is over. */
  private void hold(Term won) throws InterruptedException {
    term = won;
    LOG.info("elected: {} leads with fence {}", candidate, won.fence());
    calls.execute(() -> listener.elected(won));
    try {
      Duration pause = ttl.dividedBy(4);
      while (won.isHeld()) {
        Duration left = won.left();
        Thread.sleep(pause.compareTo(left) < 0 ? pause : left);
        pause = won.isHeld() && renew(won) ? ttl.dividedBy(4) : AFTER_FAILURE;
      }
    } finally {
      won.end();
      term = null;
      leader = null;
      abandoned = won.lease();
      LOG.info("not the leader any more: {}, fence {}", candidate, won.fence());
      calls.execute(() -> listener.lost(won));
    }
  }

  private boolean renew(Term won) throws InterruptedException {
    long sent = System.nanoTime();
    try {
      LeaseKeepAliveResponse renewed =
          requests.once(won.left(), link -> link.lease().keepAliveOnce(won.lease()));
      Optional<KeyValue> holder = look();
      if (holder.isEmpty() || holder.get().getCreateRevision() != won.fence()) {
        LOG.warn("the key of the term with fence {} is not ours any more", won.fence());
        won.end();
        return false;
      }
      return won.prolong(Term.endOf(sent, renewed.getTTL()));
    } catch (ExecutionException e) {
      if (AttemptFailure.isLeaseGone(e)) {
        LOG.warn("the lease of the term with fence {} ran out", won.fence());
        won.end();
      }
      return false;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private Optional<KeyValue> look()
      throws InterruptedException, ExecutionException, TimeoutException {
    return once(link -> link.kv().get(Bytes.of(key), GetOption.DEFAULT)).getKvs().stream()
        .findFirst();
  }

  private <R> R once(Function<Link, CompletableFuture<R>> request)
      throws InterruptedException, ExecutionException, TimeoutException {
    Term held = term;
    Duration limit = requests.settings().attemptTimeout();
    Duration left = held == null ? limit : held.left();
    return requests.once(left.compareTo(limit) < 0 ? left : limit, request);
  }

  /** What we hold no more must not keep others, or ourselves, waiting for its end. */
  private void revokeAbandoned() throws InterruptedException {
    long lease = abandoned;
    if (lease == 0) {
      return;
    }
    try {
      once(link -> link.lease().revoke(lease));
      abandoned = 0;
    } catch (ExecutionException e) {
      if (AttemptFailure.isLeaseGone(e)) {
        abandoned = 0;
      }
    } catch (TimeoutException e) {
      LOG.debug("could not give back a lease; it runs out by itself: {}", e.toString());
    }
  }

  private void pauseAfterFailure() {
    try {
      Thread.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
