package dev.ramet.coordinator.testing;

import dev.ramet.coordinator.api.AdminApi;
import dev.ramet.coordinator.api.CloneApi;
import dev.ramet.coordinator.api.EventApi;
import dev.ramet.coordinator.api.HostApi;
import dev.ramet.coordinator.api.ImageApi;
import dev.ramet.coordinator.api.OperationApi;
import dev.ramet.coordinator.api.ProxyApi;
import dev.ramet.coordinator.api.Records;
import dev.ramet.coordinator.api.VolumeSizing;
import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fleet.Deadlines;
import dev.ramet.coordinator.fleet.EventLoops;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.placement.RoomFloor;
import dev.ramet.coordinator.placement.Weights;
import dev.ramet.coordinator.reconcile.ReconcileSettings;
import dev.ramet.coordinator.reconcile.Reconciler;
import dev.ramet.coordinator.reconcile.Telemetry;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.store.Election;
import dev.ramet.coordinator.store.Etcd;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.StoreSettings;
import dev.ramet.proto.v1.AdminServiceGrpc;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneServiceGrpc;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.GetOperationRequest;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ImageServiceGrpc;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.OperationServiceGrpc;
import dev.ramet.proto.v1.ReportHostRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * One coordinator's API over a real etcd, agents whose hosts are in memory, and reconcilers that
 * come and go.
 */
public final class CoordinatorLab implements AutoCloseable {
  /** Patient enough for a busy machine, hasty enough for a test. */
  public static final ReconcileSettings HASTY =
      new ReconcileSettings(
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(15),
          Duration.ofMillis(50),
          2,
          Duration.ofMillis(100),
          8,
          2,
          Duration.ofMillis(300),
          Duration.ofMillis(600),
          Duration.ofMillis(300),
          Duration.ofDays(1),
          Duration.ofMinutes(15));

  /** Looks at things again only when something happened. */
  public static final ReconcileSettings RARELY =
      new ReconcileSettings(
          Duration.ofMinutes(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(15),
          Duration.ofMinutes(1),
          2,
          Duration.ofMillis(100),
          8,
          2,
          Duration.ofMinutes(10),
          Duration.ofMinutes(10),
          Duration.ofMinutes(10),
          Duration.ofDays(1),
          Duration.ofMinutes(15));

  private static final GrowthPolicy GROWTH = new GrowthPolicy(0, 0, Duration.ofMillis(100));

  private static final Duration SOON = Duration.ofSeconds(30);

  private final Etcd etcd;
  private final EventLoops loops = new EventLoops();
  private final Fleet fleet = new Fleet(Deadlines.DEFAULT, loops);
  private final Placement placement = new Placement(Weights.DEFAULT, new RoomFloor(1 << 20, 0.01));
  private final Server server;
  private final ManagedChannel channel;
  private final List<FakeAgent> agents = new CopyOnWriteArrayList<>();
  private Optional<Reconciler> reconciler = Optional.empty();
  private Optional<Election> election = Optional.empty();

  public CoordinatorLab(EtcdServer server) throws InterruptedException {
    this(server, UnaryOperator.identity(), LifetimePolicy.DEFAULT);
  }

  /**
   * As {@link #CoordinatorLab(EtcdServer)}.
   *
   * @param over what the API's store becomes; the reconcilers keep the real one
   */
  public CoordinatorLab(EtcdServer server, UnaryOperator<Store> over) throws InterruptedException {
    this(server, over, LifetimePolicy.DEFAULT);
  }

  /** As {@link #CoordinatorLab(EtcdServer)}, with these limits of lifetimes. */
  public CoordinatorLab(EtcdServer server, LifetimePolicy policy) throws InterruptedException {
    this(server, UnaryOperator.identity(), policy);
  }

  private CoordinatorLab(EtcdServer server, UnaryOperator<Store> over, LifetimePolicy policy)
      throws InterruptedException {
    etcd =
        Etcd.open(
            new StoreSettings(
                server.endpoints(),
                Duration.ofMillis(1500),
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                Duration.ofSeconds(60)));
    if (!etcd.informer().awaitSynced(SOON)) {
      throw new AssertionError("etcd did not answer");
    }
    Records records =
        new Records(over.apply(etcd.store()), etcd.informer(), InstantSource.system());
    Arrays arrays = new Arrays(etcd.store(), "", () -> 0);
    try {
      this.server =
          loops
              .server(new InetSocketAddress("127.0.0.1", 0), ProxyApi.SERVICE)
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .addService(new CloneApi(records, fleet, arrays, placement, policy, GROWTH))
              .addService(
                  new ImageApi(records, fleet, arrays, placement, VolumeSizing.DEFAULT, policy))
              .addService(new HostApi(records, etcd.hostLeases(), Duration.ofSeconds(2)))
              .addService(new OperationApi(records))
              .addService(new ProxyApi(records, fleet))
              .addService(new EventApi(records))
              .addService(new AdminApi(records, fleet, arrays))
              .build()
              .start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", this.server.getPort()).usePlaintext().build();
  }

  public Etcd etcd() {
    return etcd;
  }

  public ManagedChannel channel() {
    return channel;
  }

  /** For clients of the SDK. */
  public String address() {
    return "127.0.0.1:" + server.getPort();
  }

  public CloneServiceGrpc.CloneServiceBlockingStub clones() {
    return CloneServiceGrpc.newBlockingStub(channel);
  }

  public ImageServiceGrpc.ImageServiceBlockingStub images() {
    return ImageServiceGrpc.newBlockingStub(channel);
  }

  public HostServiceGrpc.HostServiceBlockingStub hosts() {
    return HostServiceGrpc.newBlockingStub(channel);
  }

  public OperationServiceGrpc.OperationServiceBlockingStub operations() {
    return OperationServiceGrpc.newBlockingStub(channel);
  }

  public AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel);
  }

  public FakeAgent host(String name) {
    FakeAgent agent = new FakeAgent(name, agents);
    agents.add(agent);
    report(agent);
    return agent;
  }

  /** Reports, and waits until the report is in the view. */
  public void report(FakeAgent agent) {
    HostReport report = agent.report();
    var unused =
        hosts()
            .reportHost(
                ReportHostRequest.newBuilder()
                    .setName(agent.name())
                    .setAgentAddress(agent.address())
                    .setAgentId("agent-" + agent.name())
                    .setReport(report)
                    .build());
    eventually(
        "the report is seen",
        () ->
            etcd.informer()
                .view()
                .get(Keys.hostAlive(agent.name()))
                .map(alive -> alive.value().equals(report))
                .orElse(false));
  }

  /** The host's lease is gone. */
  public void lose(FakeAgent agent) {
    etcd.hostLeases().release(agent.name());
    eventually(
        "host is lost", () -> etcd.informer().view().get(Keys.hostAlive(agent.name())).isEmpty());
  }

  public void startReconciler() {
    startReconciler(HASTY);
  }

  public void startReconciler(ReconcileSettings settings) {
    startReconciler(settings, etcd.store(), Telemetry.NONE);
  }

  public void startReconciler(ReconcileSettings settings, Store store, Telemetry telemetry) {
    startReconciler(settings, store, telemetry, InstantSource.system());
  }

  /** One whose host's clock differs from that of the API. */
  public void startReconciler(InstantSource clock) {
    startReconciler(HASTY, etcd.store(), Telemetry.NONE, clock);
  }

  private void startReconciler(
      ReconcileSettings settings, Store store, Telemetry telemetry, InstantSource clock) {
    Reconciler next =
        new Reconciler(
            store,
            etcd.informer(),
            fleet,
            placement,
            settings,
            GROWTH.lookEvery(),
            telemetry,
            clock,
            new SplittableRandom(1));
    reconciler = Optional.of(next);
    election = Optional.of(etcd.campaign("reconciler", "lab", Duration.ofSeconds(3), next));
  }

  /** As a coordinator that dies: nothing is finished. */
  public void stopReconciler() {
    reconciler.ifPresent(Reconciler::close);
    election.ifPresent(Election::close);
    reconciler = Optional.empty();
    election = Optional.empty();
  }

  public Clone create(String name) {
    return clones()
        .createClone(
            CreateCloneRequest.newBuilder()
                .setName(name)
                .setSpec(CloneSpec.newBuilder().setImage("app"))
                .build());
  }

  public Operation build(String name) {
    return images()
        .buildImage(
            BuildImageRequest.newBuilder()
                .setName(name)
                .setSource("postgres://u:secret@127.0.0.1:5432/app")
                .build());
  }

  /** Builds the image "app" and waits for all its replicas. */
  public void buildApp() {
    Operation operation = build("app");
    eventually("app is built", () -> operation(operation.getId()).getDone());
  }

  public Operation operation(String id) {
    return operations().getOperation(GetOperationRequest.newBuilder().setId(id).build());
  }

  public Optional<Clone> find(String name) {
    try {
      return Optional.of(clones().getClone(GetCloneRequest.newBuilder().setName(name).build()));
    } catch (StatusRuntimeException error) {
      if (error.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw error;
    }
  }

  public void awaitState(String name, Clone.State state) {
    eventually(
        "clone %s is %s".formatted(name, state),
        () -> find(name).map(clone -> clone.getState() == state).orElse(false));
  }

  public void awaitGone(String name) {
    eventually("clone %s is gone".formatted(name), () -> find(name).isEmpty());
  }

  public int ports() {
    return etcd.informer().view().count(Kind.PORT);
  }

  public static void eventually(String what, BooleanSupplier reached) {
    long end = System.nanoTime() + SOON.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + SOON + ": " + what);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException interrupted) {
        throw new AssertionError("interrupted: " + what, interrupted);
      }
    }
  }

  @Override
  public void close() {
    stopReconciler();
    channel.shutdownNow();
    server.shutdownNow();
    fleet.close();
    loops.close();
    agents.forEach(FakeAgent::close);
    etcd.close();
  }
}
