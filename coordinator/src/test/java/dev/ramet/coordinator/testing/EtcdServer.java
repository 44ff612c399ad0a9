package dev.ramet.coordinator.testing;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One real etcd for the tests of one class: {@code @RegisterExtension static final EtcdServer etcd
 * = new EtcdServer();}.
 */
public final class EtcdServer extends EtcdCluster {
  public EtcdServer() {
    super(1);
  }

  public URI endpoint() {
    return node().endpoint();
  }

  public void kill() {
    node().kill();
  }

  /** After {@link #kill}: on the same port and data. */
  public void restart() {
    restart(node());
  }

  public void freeze() {
    node().freeze();
  }

  public void thaw() {
    node().thaw();
  }

  /** Forgets all history before now. */
  public void compact() {
    with(client -> {
      long revision = get(client.getKVClient().get(bytes("x"))).getHeader().getRevision();
      get(client.getKVClient().compact(revision));
    });
  }

  /** Writes past the store under test. */
  public void put(String key, byte[] value) {
    with(client -> get(client.getKVClient().put(bytes(key), ByteSequence.from(value))));
  }

  /** When a key was last written; 0: never. */
  public long modRevision(String key) {
    try (Client client = Client.builder().endpoints(endpoint()).build()) {
      return get(client.getKVClient().get(bytes(key))).getKvs().stream()
          .mapToLong(pair -> pair.getModRevision())
          .findFirst()
          .orElse(0);
    }
  }

  /** Writes a key that goes by itself. */
  public void leased(String key, String value, Duration ttl) {
    with(client -> {
      long lease = get(client.getLeaseClient().grant(ttl.toSeconds())).getID();
      PutOption underLease = PutOption.builder().withLeaseId(lease).build();
      get(client.getKVClient().put(bytes(key), bytes(value), underLease));
    });
  }

  /** Empties it, between two tests. */
  public void clear() {
    with(client ->
        get(
            client
                .getKVClient()
                .delete(bytes("/"), DeleteOption.builder().isPrefix(true).build())));
  }

  private void with(Consumer<Client> work) {
    try (Client client = Client.builder().endpoints(endpoint()).build()) {
      work.accept(client);
    }
  }

  private static <R> R get(Future<R> answer) {
    try {
      return answer.get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("etcd refused the fixture's request", e);
    }
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private EtcdNode node() {
    return nodes().getFirst();
  }
}
