package dev.ramet.coordinator.store;

import dev.ramet.proto.v1.HostReport;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * {@link HostLeases} without any memory: the lease to renew is read from the key each time, so it
 * does not matter which coordinator granted it.
 */
final class EtcdHostLeases implements HostLeases {
  private final Requests requests;

  EtcdHostLeases(Requests requests) {
    this.requests = requests;
  }

  @Override
  public Renewal renew(String host, HostReport report, boolean publish) {
    ByteSequence key = Bytes.of(Keys.hostAlive(host));
    long deadline = System.nanoTime() + requests.settings().callTimeout().toNanos();
    Backoff backoff = new Backoff();
    boolean appeared = false;
    do {
      Optional<KeyValue> found = find(host, key);
      appeared |= found.isEmpty();
      long lease = found.map(KeyValue::getLease).orElse(0L);
      long modRevision = found.map(KeyValue::getModRevision).orElse(0L);
      if (lease == 0) {
        if (putUnder(grant(host), host, key, modRevision, report)) {
          return new Renewal(appeared, true);
        }
      } else if (keepAlive(host, lease)) {
        boolean write = publish || appeared;
        if (!write || putUnder(lease, host, key, modRevision, report)) {
          return new Renewal(appeared, write);
        }
      }
    } while (backoff.sleepUntil(deadline));
    throw new StoreException(
        StoreException.Code.CONFLICT, "other writers of " + host + "'s lease came between");
  }

  @Override
  public void release(String host) {
    long lease = find(host, Bytes.of(Keys.hostAlive(host))).map(KeyValue::getLease).orElse(0L);
    if (lease != 0) {
      boolean _ = requests.read("release of host " + host, link -> revoke(link, lease));
    }
  }

  private Optional<KeyValue> find(String host, ByteSequence key) {
    return requests.read("look at host " + host, link -> link.kv().get(key)).getKvs().stream()
        .findFirst();
  }

  /** A lease that is granted and then not used runs out by itself. */
  private long grant(String host) {
    Duration ttl = requests.settings().hostTtl();
    return requests
        .read("lease of host " + host, link -> link.lease().grant(ttl.toSeconds()))
        .getID();
  }

  /** False where the lease is gone. */
  private boolean keepAlive(String host, long lease) {
    return requests.read("renewal of host " + host, link -> keepAlive(link, lease));
  }

  private static CompletableFuture<Boolean> keepAlive(Link link, long lease) {
    return unlessGone(link.lease().keepAliveOnce(lease));
  }

  private static CompletableFuture<Boolean> revoke(Link link, long lease) {
    return unlessGone(link.lease().revoke(lease));
  }

  /** False where etcd knows no such lease. */
  private static CompletableFuture<Boolean> unlessGone(CompletableFuture<?> answer) {
    return answer.handle((_, failure) -> {
      if (failure != null && !AttemptFailure.isLeaseGone(failure)) {
        throw new CompletionException(AttemptFailure.unwrap(failure));
      }
      return failure == null;
    });
  }

  /** False where somebody else wrote meanwhile, or the lease is gone. */
  private boolean putUnder(
      long lease, String host, ByteSequence key, long modRevision, HostReport report) {
    PutOption underLease = PutOption.builder().withLeaseId(lease).build();
    Cmp unchanged = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(modRevision));
    Op put = Op.put(key, Bytes.of(report), underLease);
    try {
      return requests
          .send(
              "report of host " + host,
              requests.settings().callTimeout(),
              (link, _) -> link.kv().txn().If(unchanged).Then(put).commit())
          .value()
          .isSucceeded();
    } catch (StoreException e) {
      if (e.getCause() != null && AttemptFailure.isLeaseGone(e.getCause())) {
        return false;
      }
      throw e;
    }
  }
}
