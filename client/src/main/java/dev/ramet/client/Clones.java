package dev.ramet.client;

import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneServiceGrpc;
import dev.ramet.proto.v1.CloneServiceGrpc.CloneServiceBlockingStub;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.ListConnectionsRequest;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.ReadCloneLogRequest;
import dev.ramet.proto.v1.RenameCloneRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import dev.ramet.proto.v1.WatchClonesRequest;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** Clones of images. Thread-safe. Every method may throw {@link RametException}. */
public final class Clones {
  private static final int PAGE = 1000;

  /** The server waits for a host to have written, or released, a save. */
  private static final Duration STORAGE_TIMEOUT = Duration.ofSeconds(90);

  private final Connection connection;
  private final CloneServiceBlockingStub stub;
  private final CloneWaits waits;

  Clones(Connection connection, Channel channel) {
    this.connection = connection;
    this.stub = CloneServiceGrpc.newBlockingStub(channel);
    this.waits = new CloneWaits(connection, stub);
  }

  /**
   * Asks for a clone; answers as soon as the request is recorded.
   *
   * <p>Repeat: the same name and spec lead to the same clone; the same name with another spec is
   * {@link ErrorKind#CONFLICT}. A clone that failed stays, in state FAILED, until it is deleted.
   *
   * @param name a DNS label, 1 to 63 characters
   */
  public Pending<Clone> create(String name, CloneSpec spec) {
    return create(name, spec, Lifetime.DEFAULT);
  }

  /**
   * As {@link #create(String, CloneSpec)}; a repeat that asks for another lifetime is {@link
   * ErrorKind#CONFLICT}, one that leaves it open is not.
   */
  public Pending<Clone> create(String name, CloneSpec spec, Lifetime lifetime) {
    return create(name, spec, lifetime, 0);
  }

  /**
   * As {@link #create(String, CloneSpec, Lifetime)}; likewise for how much it may grow.
   *
   * @param growthLimitBytes the most that it may hold beyond what it is made from; 0: the server's
   *     default
   */
  public Pending<Clone> create(
      String name, CloneSpec spec, Lifetime lifetime, long growthLimitBytes) {
    CreateCloneRequest request =
        CreateCloneRequest.newBuilder()
            .setName(name)
            .setSpec(ProtoValues.spec(spec))
            .putAllLabels(spec.labels())
            .setLifetime(ProtoValues.lifetime(lifetime))
            .setGrowthLimitBytes(growthLimitBytes)
            .build();
    Clone created = ProtoValues.clone(connection.call(stub, s -> s.createClone(request)));
    return new Pending<>(created, (timeout, l) -> waits.awaitReady(created, timeout, l));
  }

  /** NOT_FOUND where there is none. */
  public Clone get(String name) {
    GetCloneRequest request = GetCloneRequest.newBuilder().setName(name).build();
    return ProtoValues.clone(connection.call(stub, s -> s.getClone(request)));
  }

  /** All clones, by name. */
  public List<Clone> list() {
    return list(Map.of());
  }

  /** The clones that carry all of these labels, by name. */
  public List<Clone> list(Map<String, String> labels) {
    List<Clone> clones = new ArrayList<>();
    String page = "";
    do {
      ListClonesRequest request =
          ListClonesRequest.newBuilder()
              .setPageSize(PAGE)
              .setPageToken(page)
              .putAllLabels(labels)
              .build();
      ListClonesResponse response = connection.call(stub, s -> s.listClones(request));
      response.getClonesList().forEach(clone -> clones.add(ProtoValues.clone(clone)));
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return clones;
  }

  /**
   * Asks for a clone's end. It is over, and the storage released, when the returned work is.
   *
   * <p>Repeat: joins the deletion that is under way.
   *
   * @return empty where there is no such clone
   */
  public Optional<Pending<Clone>> delete(String name) {
    return delete(name, false);
  }

  /**
   * As {@link #delete(String)}.
   *
   * @param force also where it is protected, or somebody uses it
   */
  public Optional<Pending<Clone>> delete(String name, boolean force) {
    DeleteCloneRequest request =
        DeleteCloneRequest.newBuilder().setName(name).setForce(force).build();
    Clone deleting = ProtoValues.clone(connection.call(stub, s -> s.deleteClone(request)));
    return deleting.name().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Pending<>(deleting, (timeout, l) -> waits.awaitGone(deleting, timeout, l)));
  }

  /**
   * Ends the database server; the data, the address and the password stay.
   *
   * <p>Repeat: joins what is under way; stopped already, it is done at once.
   *
   * @param force also where it is protected, or somebody uses it
   */
  public Pending<Clone> stop(String name, boolean force) {
    StopCloneRequest request = StopCloneRequest.newBuilder().setName(name).setForce(force).build();
    return pending(connection.call(stub, s -> s.stopClone(request)));
  }

  /** Starts a stopped one, at the same address. Repeat: as {@link #stop}. */
  public Pending<Clone> start(String name) {
    StartCloneRequest request = StartCloneRequest.newBuilder().setName(name).build();
    return pending(connection.call(stub, s -> s.startClone(request)));
  }

  /** Stops and starts it. Repeat: does it again. */
  public Pending<Clone> restart(String name, boolean force) {
    RestartCloneRequest request =
        RestartCloneRequest.newBuilder().setName(name).setForce(force).build();
    return pending(connection.call(stub, s -> s.restartClone(request)));
  }

  /** As {@link #reset(String, String, Duration, String, boolean)}; what was written is lost. */
  public Pending<Clone> reset(String name, String to, Duration addTtl, boolean force) {
    return reset(name, to, addTtl, "", force);
  }

  /**
   * Lets the clone begin again from another point, at the same address. One that fails leaves it as
   * it was, and waiting for it throws why.
   *
   * @param to {@code latest}, {@code app:7} or {@code clone@save}; empty: what its data began as
   * @param addTtl the end of its life moves so much; zero: not
   * @param keepAs name of the clone, stopped, that the data become which it had; empty: they are
   *     lost
   * @param force also where it is protected, or somebody uses it
   */
  public Pending<Clone> reset(
      String name, String to, Duration addTtl, String keepAs, boolean force) {
    ResetCloneRequest.Builder request =
        ResetCloneRequest.newBuilder().setName(name).setTo(to).setKeepAs(keepAs).setForce(force);
    if (!addTtl.isZero()) {
      request.setAddTtl(ProtoValues.message(addTtl));
    }
    return pending(connection.call(stub, s -> s.resetClone(request.build())));
  }

  /**
   * Gives it another name; all else stays, connections too. {@link ErrorKind#CONFLICT} where there
   * is a clone of that name.
   *
   * <p>Repeat: the clone as it is.
   */
  public Clone rename(String name, String newName) {
    RenameCloneRequest request =
        RenameCloneRequest.newBuilder().setName(name).setNewName(newName).build();
    return ProtoValues.clone(connection.call(stub, s -> s.renameClone(request)));
  }

  /** It is deleted so long from now, by the server's clock. */
  public Clone expireAfter(String name, Duration ttl) {
    return extend(ExtendCloneRequest.newBuilder().setName(name).setTtl(ProtoValues.message(ttl)));
  }

  /** It is deleted so much later than was planned; sooner where negative. */
  public Clone extend(String name, Duration addTtl) {
    return extend(
        ExtendCloneRequest.newBuilder().setName(name).setAddTtl(ProtoValues.message(addTtl)));
  }

  /** It lives until somebody deletes it. */
  public Clone keepForever(String name) {
    return extend(ExtendCloneRequest.newBuilder().setName(name).setForever(true));
  }

  /** It is deleted when it was not used for so long; zero: no matter. */
  public Clone expireIdleAfter(String name, Duration idleTtl) {
    return extend(
        ExtendCloneRequest.newBuilder().setName(name).setIdleTtl(ProtoValues.message(idleTtl)));
  }

  /**
   * It may hold so much beyond what its data began as. One that is OVER_CAP goes on then; that is
   * over when the returned work is. Repeat: the same.
   */
  public Pending<Clone> limitGrowth(String name, long bytes) {
    return grow(ExtendCloneRequest.newBuilder().setName(name).setGrowthLimitBytes(bytes));
  }

  /** As {@link #limitGrowth}: so much more than until now; less where negative. Repeat: again. */
  public Pending<Clone> addGrowth(String name, long bytes) {
    return grow(ExtendCloneRequest.newBuilder().setName(name).setAddGrowthBytes(bytes));
  }

  /** As {@link #limitGrowth}: as much as it likes. */
  public Pending<Clone> growFreely(String name) {
    return grow(ExtendCloneRequest.newBuilder().setName(name).setNoGrowthLimit(true));
  }

  private Pending<Clone> grow(ExtendCloneRequest.Builder request) {
    return pending(connection.call(stub, s -> s.extendClone(request.build())));
  }

  private Clone extend(ExtendCloneRequest.Builder request) {
    return ProtoValues.clone(connection.call(stub, s -> s.extendClone(request.build())));
  }

  /** For so long it is not deleted, reset or stopped without force; zero: it is not protected. */
  public Clone protect(String name, Duration length) {
    ProtectCloneRequest.Builder request = ProtectCloneRequest.newBuilder().setName(name);
    if (!length.isZero()) {
      request.setDuration(ProtoValues.message(length));
    }
    return ProtoValues.clone(connection.call(stub, s -> s.protectClone(request.build())));
  }

  /**
   * Keeps a point of the clone; done when this returns. Repeat: {@link ErrorKind#CONFLICT}, for it
   * would be another point.
   */
  public Save save(String name, String save, String message) {
    CreateSaveRequest request =
        CreateSaveRequest.newBuilder()
            .setClone(name)
            .setName(save)
            .setMessage(message)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return ProtoValues.save(connection.call(stub, STORAGE_TIMEOUT, s -> s.createSave(request)));
  }

  /** The saves of a clone, oldest first; of all clones where the name is empty. */
  public List<Save> saves(String name) {
    return saves(ListSavesRequest.newBuilder().setClone(name).build());
  }

  /**
   * As {@link #saves}, with what deleting each frees: their hosts are asked, for at most 50 of them
   * and 2 seconds. Cost: proportional to their extents.
   */
  public List<Save> savesWithSizes(String name) {
    return saves(ListSavesRequest.newBuilder().setClone(name).setSizes(true).build());
  }

  private List<Save> saves(ListSavesRequest request) {
    return connection.call(stub, s -> s.listSaves(request)).getSavesList().stream()
        .map(ProtoValues::save)
        .toList();
  }

  /**
   * Deletes a save; done, its storage released, when this returns.
   *
   * @return false where there was no such save: nothing to do
   */
  public boolean deleteSave(String name, String save) {
    DeleteSaveRequest request = DeleteSaveRequest.newBuilder().setClone(name).setName(save).build();
    return !connection.call(stub, STORAGE_TIMEOUT, s -> s.deleteSave(request)).getMissing();
  }

  /** Who is connected to the clone now. */
  public List<ClientConnection> connections(String name) {
    ListConnectionsRequest request = ListConnectionsRequest.newBuilder().setName(name).build();
    return connection.call(stub, s -> s.listConnections(request)).getConnectionsList().stream()
        .map(ProtoValues::connection)
        .toList();
  }

  private Pending<Clone> pending(dev.ramet.proto.v1.Clone taken) {
    Clone now = ProtoValues.clone(taken);
    return new Pending<>(now, (timeout, l) -> waits.awaitReady(now, timeout, l));
  }

  /**
   * Reads the log of the clone's database server.
   *
   * @param tailLines last lines to begin with; 0: 100
   * @param follow goes on with new lines until the calling thread is interrupted or the clone ends
   * @param line is given each line, on the calling thread; false: enough
   */
  public void readLog(String name, int tailLines, boolean follow, Predicate<String> line) {
    ReadCloneLogRequest request =
        ReadCloneLogRequest.newBuilder()
            .setName(name)
            .setTailLines(tailLines)
            .setFollow(follow)
            .build();
    connection.read(
        stub, s -> s.readCloneLog(request), lines -> !lines.getLinesList().stream().allMatch(line));
  }

  /**
   * Follows one clone, from as it is now until it is gone, or the visitor has enough, or the thread
   * is interrupted. NOT_FOUND where there is none. A stream that breaks is opened again.
   *
   * @param enough is given each change, on the calling thread; true: enough
   */
  public void follow(
      String name, Predicate<CloneChange> enough, WaitListener<? super Clone> listener) {
    CloneChange[] last = new CloneChange[1];
    try {
      waits.watch(
          name,
          "",
          event -> {
            last[0] = change(event);
            return enough.test(last[0]) || last[0].gone();
          },
          Connection.FOREVER,
          "nothing more",
          listener);
    } catch (RametException e) {
      if (e.kind() != ErrorKind.NOT_FOUND || last[0] == null) {
        throw e;
      }
      // it went while the stream was broken
      var unused = enough.test(new CloneChange(last[0].now(), true, ""));
    }
  }

  /** Follows all clones, from as they are now, until the visitor has enough. */
  public void followAll(Predicate<CloneChange> enough, WaitListener<? super Clone> listener) {
    connection.watch(
        stub,
        s -> s.watchClones(WatchClonesRequest.getDefaultInstance()),
        event -> enough.test(change(event)),
        Connection.FOREVER,
        "nothing more",
        listener);
  }

  private static CloneChange change(CloneEvent event) {
    return new CloneChange(
        ProtoValues.clone(event.getClone()), event.getDeleted(), event.getFormerName());
  }
}
