package dev.ramet.coordinator.testing;

import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.v1.EngineVersions;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * An agent over real gRPC whose host is in memory: the same rules of idempotency, and faults on
 * order. Every mutating call counts; calls can be cut before or after their effect, or refused.
 */
public final class FakeAgent extends FakeCalls implements AutoCloseable {
  public static final String POOL = "main";

  /** What happens to calls from some number on. */
  public enum Cut {
    BEFORE_EFFECT,
    AFTER_EFFECT
  }

  private final String name;
  final Map<String, Boolean> volumes = new TreeMap<>();
  final Map<String, String> snapshots = new TreeMap<>();
  final Map<String, Instance.State> instances = new TreeMap<>();
  final Map<String, Integer> ports = new TreeMap<>();
  final Map<String, Long> memoryLimits = new TreeMap<>();
  final Map<String, Activity> activities = new TreeMap<>();

  /** The data of volumes and snapshots, by id. */
  final Map<String, String> words = new TreeMap<>();

  final Map<String, Long> growths = new TreeMap<>();
  final Map<String, Long> ownBytes = new TreeMap<>();
  final Map<String, Integer> unreadable = new TreeMap<>();
  final List<String> leftovers = new ArrayList<>();
  final Set<String> readOnly = new HashSet<>();
  final Set<String> recovered = new HashSet<>();
  final Set<Integer> foreignPorts = new HashSet<>();
  private final List<FakeAgent> peers;
  private final Server server;
  private String runtime = "process";
  private long freeBytes = 90L << 30;
  private String database = "app";
  private long freeMemory = 8L << 30;
  private int runs;

  /**
   * @param peers from whom snapshots are copied; more may come
   */
  FakeAgent(String name, List<FakeAgent> peers) {
    this.name = name;
    this.peers = peers;
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .intercept(new FenceInterceptor())
              .addService(new FakeVolumes(this))
              .addService(new FakeInstances(this))
              .addService(new FakeEngines(this))
              .addService(new FakeHosts(this))
              .build()
              .start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  public String name() {
    return name;
  }

  public String address() {
    return "127.0.0.1:" + server.getPort();
  }

  public synchronized HostReport report() {
    int first = 15000;
    return HostReport.newBuilder()
        .setBootId("boot")
        .setAgentRunId("run-" + runs)
        .addPools(
            Pool.newBuilder()
                .setName(POOL)
                .setDriver("reflink")
                .setHealthy(true)
                .setFreeBytes(freeBytes)
                .setTotalBytes(100L << 30)
                .addCapabilities("GROWTH"))
        .addRuntimes(runtime)
        .addEngines(
            EngineVersions.newBuilder().setEngine("postgres").setRuntime(runtime).addVersions("15"))
        .setMemoryTotalBytes(16L << 30)
        .setMemoryAvailableBytes(freeMemory)
        .setDatabaseAddress("127.0.0.1")
        .setFirstPort(first)
        .setLastPort(first + 99)
        .build();
  }

  public synchronized void setRuntime(String name) {
    runtime = name;
  }

  /** Bytes of memory that an instance was last limited to; 0: not limited. */
  public synchronized long memoryLimit(String instance) {
    return memoryLimits.getOrDefault(instance, 0L);
  }

  public synchronized void setFreeBytes(long bytes) {
    freeBytes = bytes;
  }

  /** What the database of later sources is called. */
  public synchronized void setDatabase(String name) {
    database = name;
  }

  synchronized String database() {
    return database;
  }

  /** Of 16 GiB. */
  public synchronized void setFreeMemory(long bytes) {
    freeMemory = bytes;
  }

  public synchronized void putLeftover(String id) {
    leftovers.add(id);
  }

  public synchronized List<String> volumes() {
    return List.copyOf(volumes.keySet());
  }

  public synchronized List<String> snapshots() {
    return List.copyOf(snapshots.keySet());
  }

  public synchronized List<String> instances() {
    return List.copyOf(instances.keySet());
  }

  /** Something else listens on these ports; the reports do not say so. */
  public synchronized void takePorts(int first, int last) {
    for (int port = first; port <= last; port++) {
      foreignPorts.add(port);
    }
  }

  /** What {@code GetActivity} tells of this instance from now on; nobody uses it before. */
  public synchronized void setActivity(String id, Activity activity) {
    activities.put(id, activity);
  }

  /** What {@code ReadGrowth} tells of this volume from now on; nothing before. */
  public synchronized void setGrowth(String id, long bytes) {
    growths.put(id, bytes);
  }

  /** What {@code GetUsage} tells of this volume or snapshot from now on. */
  public synchronized void setOwnBytes(String id, long bytes) {
    ownBytes.put(id, bytes);
  }

  /** As somebody on the host might do. */
  public synchronized void freeze(String id) {
    instances.put(id, Instance.State.FROZEN);
  }

  public synchronized boolean isFrozen(String id) {
    return instances.get(id) == Instance.State.FROZEN;
  }

  /** The port of the last start of this instance; 0: it listens on no network. */
  public synchronized int port(String id) {
    return ports.get(id);
  }

  /** Instances whose start was said to be a recovery. */
  public synchronized Set<String> recovered() {
    return Set.copyOf(recovered);
  }

  /** Nothing else listens any more. */
  public synchronized void freePorts() {
    foreignPorts.clear();
  }

  public synchronized void putVolume(String id) {
    volumes.put(id, true);
  }

  public synchronized void putSnapshot(String id) {
    snapshots.put(id, "");
  }

  public synchronized void loseSnapshot(String id) {
    snapshots.remove(id);
  }

  /** It is there, but neither listed nor to be looked at. */
  public synchronized void damageSnapshot(String id) {
    unreadable.put(id, 0);
  }

  /** How often a damaged one was asked for. */
  public synchronized int looksAt(String damaged) {
    return unreadable.get(damaged);
  }

  public synchronized void loseVolume(String id) {
    volumes.remove(id);
    instances.remove(id);
  }

  /** As after a reboot: what is stored is there, nothing runs. The next report tells of it. */
  public synchronized void reboot() {
    runs++;
    instances.clear();
    volumes.replaceAll((_, _) -> false);
  }

  public synchronized void killInstance(String id) {
    instances.put(id, Instance.State.DEAD);
  }

  /**
   * As an instance that died because its file system became read-only, and is until it is mounted
   * anew.
   */
  public synchronized void killReadOnly(String id) {
    killInstance(id);
    readOnly.add(id);
  }

  public synchronized boolean isRunning(String id) {
    return instances.get(id) == Instance.State.RUNNING;
  }

  /** What the data hold of the server that answers on this port. */
  public synchronized String read(int port) throws IOException {
    return words.getOrDefault(answering(port), "");
  }

  public synchronized void write(int port, String newWords) throws IOException {
    words.put(answering(port), newWords);
  }

  private String answering(int port) throws IOException {
    List<String> servers =
        instances().stream().filter(id -> isRunning(id) && ports.get(id) == port).toList();
    if (servers.size() > 1) {
      throw new AssertionError("two servers on port " + port + ": " + servers);
    }
    if (servers.isEmpty()) {
      throw new IOException("nothing answers on port " + port + " of " + name);
    }
    return servers.getFirst();
  }

  /** What another agent's snapshot holds. */
  String wordsAt(String address, String snapshot) {
    for (FakeAgent peer : peers) {
      if (peer.address().equals(address)) {
        synchronized (peer) {
          return peer.words.getOrDefault(snapshot, "");
        }
      }
    }
    return "";
  }

  public boolean isEmpty() {
    return volumes().isEmpty() && instances().isEmpty();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  void requireWritable(String volume) {
    if (readOnly.contains(volume)) {
      throw error(Status.Code.INTERNAL, "IO", "Read-only file system");
    }
  }

  Volume volume(String id) {
    boolean attached = volumes.get(id);
    return Volume.newBuilder()
        .setPool(POOL)
        .setId(id)
        .setAttachment(Attachment.newBuilder().setAttached(attached))
        .build();
  }
}
