package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.ramet.proto.agent.v1.CancelPullRequest;
import dev.ramet.proto.agent.v1.PullProgress;
import dev.ramet.proto.agent.v1.PullSnapshotRequest;
import dev.ramet.proto.agent.v1.ReadSnapshotRequest;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc.VolumeServiceImplBase;
import io.grpc.Context;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies of snapshots between two real agents, each on a pool of its own. */
@Timeout(180)
class PullSnapshotIT {
  private static final long SIZE = 512L << 20;
  private static final int DATA = 40 << 20;

  @TempDir static Path dir;
  private static TestAgent source;
  private static TestAgent target;
  private static Verbs atSource;
  private static Verbs atTarget;

  @BeforeAll
  static void startAgents() throws Exception {
    source = TestAgent.start(dir.resolve("source"));
    target = TestAgent.start(dir.resolve("target"));
    atSource = new Verbs(source.volumes());
    atTarget = new Verbs(target.volumes());
    atSource.create("img", SIZE);
    Path mount = Path.of(atSource.attach("img").getPath());
    byte[] random = new byte[DATA];
    new Random(20261121).nextBytes(random);
    Files.write(mount.resolve("data"), random);
    atSource.detach("img");
    atSource.snapshot("img.1", "img");
    atSource.snapshot("img.2", "img");
  }

  @AfterAll
  static void stopAgents() throws Exception {
    source.close();
    target.close();
  }

  @Test
  void theCopyIsTheSameAndKeepsItsHoles() throws IOException {
    List<PullProgress> told = pull(source.address(), "img.1");
    assertThat(told.getLast().getDone()).isTrue();
    assertThat(told.getLast().getBytesDone()).isBetween((long) DATA, 2L * DATA);

    Verbs.Content original = atSource.read("img.1");
    Verbs.Content copy = atTarget.read("img.1");
    assertThat(copy.sha256()).isEqualTo(original.sha256());
    assertThat(copy.size()).isEqualTo(SIZE);
    assertThat(copy.data()).isLessThanOrEqualTo(original.data() + (1 << 20));
    assertThat(atTarget.list().getSnapshotsList())
        .filteredOn(snapshot -> snapshot.getId().equals("img.1"))
        .isEqualTo(
            atSource.list().getSnapshotsList().stream()
                .filter(snapshot -> snapshot.getId().equals("img.1"))
                .toList());

    atTarget.clone("img.1.clone", "img.1");
    Path mount = Path.of(atTarget.attach("img.1.clone").getPath());
    assertThat(Files.size(mount.resolve("data"))).isEqualTo(DATA);
  }

  @Test
  void whatIsThereAlreadyIsDoneAtOnceWithoutTheSource() {
    pull(source.address(), "img.1");
    assertThat(pull("127.0.0.1:1", "img.1")).singleElement().matches(PullProgress::getDone);
  }

  @Test
  void theJobGoesOnWhenAllWhoWatchHaveLeft() throws Exception {
    try (SlowSource slow = new SlowSource()) {
      Context.CancellableContext watching = Context.current().withCancellation();
      Context before = watching.attach();
      try {
        target.volumes().pullSnapshot(request(slow.address(), "left")).next();
      } finally {
        watching.detach(before);
        watching.cancel(null);
      }
      refused("IN_FLIGHT", () -> atTarget.deleteSnapshot("left"));
      slow.finish();
      assertThat(pull(slow.address(), "left").getLast().getDone()).isTrue();
      assertThat(slow.readings).isEqualTo(1);
      assertThat(atTarget.list().getSnapshotsList())
          .anyMatch(snapshot -> snapshot.getId().equals("left"));
    }
  }

  @Test
  void aCopyThatIsCancelledLeavesNothingBehindAndItsIdFree() throws Exception {
    try (SlowSource slow = new SlowSource()) {
      Iterator<PullProgress> watching =
          target.volumes().pullSnapshot(request(slow.address(), "off"));
      while (watching.next().getBytesDone() == 0) {
        assertThat(slow.readings).isEqualTo(1);
      }
      var unused =
          target
              .volumes()
              .cancelPull(CancelPullRequest.newBuilder().setPool("main").setId("off").build());
      refused("CANCELLED", () -> watching.forEachRemaining(_ -> {}));
    }
    assertThat(atTarget.list().getLeftoversList()).isEmpty();
    atTarget.deleteSnapshot("off");
    assertThat(atTarget.list().getSnapshotsList())
        .noneMatch(snapshot -> snapshot.getId().equals("off"));
    assertThat(pull(source.address(), "img.2").getLast().getDone()).isTrue();
  }

  @Test
  void aSourceThatBreaksOffLeavesNothingBehind() throws Exception {
    StatusRuntimeException refusal;
    try (SlowSource slow = new SlowSource()) {
      Thread breaker = Thread.ofVirtual().unstarted(slow::breakOff);
      refusal =
          refused(
              "PEER_UNREACHABLE",
              () ->
                  target
                      .volumes()
                      .pullSnapshot(request(slow.address(), "broken"))
                      .forEachRemaining(_ -> {
                        if (breaker.getState() == Thread.State.NEW) {
                          breaker.start();
                        }
                      }));
    }
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(atTarget.list().getLeftoversList()).isEmpty();
    assertThat(atTarget.list().getSnapshotsList())
        .noneMatch(snapshot -> snapshot.getId().equals("broken"));
  }

  @Test
  void aSourceThatIsNotThereOrHasItNotIsToldApart() {
    StatusRuntimeException unreachable =
        refused("PEER_UNREACHABLE", () -> pull("127.0.0.1:1", "img.2"));
    assertThat(unreachable.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    StatusRuntimeException missing =
        refused("NOT_FOUND", () -> pull(source.address(), "img.missing"));
    assertThat(missing.getStatus().getDescription()).contains("img.missing", source.address());
  }

  private static List<PullProgress> pull(String from, String id) {
    List<PullProgress> told = new ArrayList<>();
    target.volumes().pullSnapshot(request(from, id)).forEachRemaining(told::add);
    return told;
  }

  private static PullSnapshotRequest request(String from, String id) {
    return PullSnapshotRequest.newBuilder()
        .setPool("main")
        .setId(id)
        .setFromAddress(from)
        .setFromPool("main")
        .build();
  }

  /** An agent that sends one piece and then waits to be told how it goes on. */
  private static final class SlowSource extends VolumeServiceImplBase implements AutoCloseable {
    private final BlockingQueue<Runnable> ends = new LinkedBlockingQueue<>();
    private final Server server;
    private volatile int readings;

    SlowSource() throws IOException {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(this)
              .build()
              .start();
    }

    String address() {
      return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void readSnapshot(ReadSnapshotRequest request, StreamObserver<SnapshotChunk> out) {
      readings++;
      out.onNext(
          SnapshotChunk.newBuilder()
              .setSizeBytes(64L << 20)
              .setDataBytes(2 << 20)
              .setSource("img")
              .build());
      out.onNext(
          SnapshotChunk.newBuilder()
              .setOffset(4096)
              .setContent(ByteString.copyFrom(new byte[1 << 20]))
              .build());
      ends.add(out::onCompleted);
    }

    void finish() throws InterruptedException {
      ends.poll(30, TimeUnit.SECONDS).run();
    }

    void breakOff() {
      server.shutdownNow();
    }

    @Override
    public void close() {
      server.shutdownNow();
    }
  }
}
