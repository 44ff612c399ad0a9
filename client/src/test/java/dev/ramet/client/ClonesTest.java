package dev.ramet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.ramet.proto.v1.Clone.State;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClonesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final ScriptedCoordinator coordinator = new ScriptedCoordinator();
  private Server server;
  private RametClient ramet;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(coordinator).build().start();
    ManagedChannel channel =
        InProcessChannelBuilder.forName(name)
            .enableRetry()
            .defaultServiceConfig(RametClient.Retries.SERVICE_CONFIG)
            .build();
    ramet = new RametClient(channel, Duration.ofSeconds(5), "test", channel::shutdownNow);
  }

  @AfterEach
  void stop() {
    ramet.close();
    server.shutdownNow();
  }

  @Test
  void creatingWaitsForTheReadyCloneByOneStream() {
    coordinator
        .answers(clone(State.PENDING))
        .watchSends(clone(State.PENDING), clone(State.PROVISIONING), clone(State.READY));
    List<Clone.State> seen = new ArrayList<>();

    Clone clone = create().await(LONG, now -> seen.add(now.state()));

    assertThat(clone.state()).isEqualTo(Clone.State.READY);
    assertThat(clone.url().reveal()).isEqualTo("postgres://ramet:s3cret@127.0.0.1:15001/shop");
    assertThat(seen)
        .containsExactly(
            Clone.State.PENDING, Clone.State.PENDING, Clone.State.PROVISIONING, Clone.State.READY);
    assertThat(coordinator.watchCalls()).isEqualTo(1);
  }

  @Test
  void aCloneThatIsReadyAlreadyIsNotWatched() {
    coordinator.answers(clone(State.READY));

    assertThat(create().await(LONG).state()).isEqualTo(Clone.State.READY);
    assertThat(coordinator.watchCalls()).isZero();
  }

  @Test
  void aCloneThatFailsIsAnExceptionWithCodeAndLog() {
    dev.ramet.proto.v1.Failure failure =
        dev.ramet.proto.v1.Failure.newBuilder()
            .setCode("POOL_FULL")
            .setMessage("pool main of host-a is full: free some space")
            .setRetryable(true)
            .addLogTail("last words")
            .build();
    coordinator
        .answers(clone(State.PENDING))
        .watchSends(clone(State.FAILED).toBuilder().setFailure(failure).build());

    RametException error = catchThrowableOfType(RametException.class, () -> create().await(LONG));

    assertThat(error.kind()).isEqualTo(ErrorKind.WORK_FAILED);
    assertThat(error.code()).isEqualTo("POOL_FULL");
    assertThat(error).hasMessage("pool main of host-a is full: free some space");
    assertThat(error.retryable()).isTrue();
    assertThat(error.logTail()).containsExactly("last words");
  }

  @Test
  void aWatchThatBreaksOrEndsEarlyIsTakenUpAgain() {
    coordinator
        .answers(clone(State.PENDING))
        .watchBreaksAfter(clone(State.PENDING))
        .watchEndsAfter(clone(State.PROVISIONING))
        .watchBreaksAfter()
        .watchSends(clone(State.READY));
    List<String> interruptions = new ArrayList<>();

    Clone clone =
        create()
            .await(
                LONG,
                new WaitListener<>() {
                  @Override
                  public void changed(Clone now) {}

                  @Override
                  public void interrupted(RametException cause) {
                    interruptions.add(cause.code());
                  }
                });

    assertThat(clone.state()).isEqualTo(Clone.State.READY);
    assertThat(interruptions).contains("UNAVAILABLE", "STREAM_ENDED");
  }

  @Test
  void waitingEndsWithTheTimeoutAndSaysThatTheServerGoesOn() {
    coordinator.answers(clone(State.PENDING)).watchSends(clone(State.PROVISIONING));

    assertThatThrownBy(() -> create().await(Duration.ofMillis(300)))
        .isInstanceOfSatisfying(
            RametException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TIMEOUT))
        .hasMessageContaining("fix-1 is not ready after 300 ms; it goes on");
  }

  @Test
  void waitingForAServerThatStaysAwayEndsWithTheTimeout() {
    coordinator.answers(clone(State.PENDING)).watchBreaksAfter();

    assertThatThrownBy(() -> create().await(Duration.ofMillis(700)))
        .isInstanceOfSatisfying(
            RametException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TIMEOUT));
  }

  @Test
  void anInterruptedWaitIsCancelled() throws Exception {
    coordinator.answers(clone(State.PENDING)).watchSends(clone(State.PROVISIONING));
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread waiting =
        new Thread(() -> {
          try {
            create().await(LONG);
          } catch (RametException e) {
            thrown.complete(e);
          }
        });
    waiting.start();
    Thread.sleep(200);
    waiting.interrupt();

    assertThat(thrown.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            RametException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CANCELLED));
  }

  @Test
  void aCloneDeletedBySomebodyElseMeanwhileIsAConflict() {
    coordinator.answers(clone(State.PENDING)).watchSaysGone("fix-1", "uid-1");

    assertThatThrownBy(() -> create().await(LONG))
        .isInstanceOfSatisfying(
            RametException.class, e -> assertThat(e.code()).isEqualTo("CLONE_DELETED"));
  }

  @Test
  void aDeletionIsOverWhenTheWatchSaysGone() {
    coordinator
        .answers(clone(State.DELETING))
        .watchBreaksAfter(clone(State.DELETING))
        .watchSaysGone("fix-1", "uid-1");

    assertThat(delete().orElseThrow().await(LONG).name()).isEqualTo("fix-1");
  }

  @Test
  void aDeletionIsOverWhenTheWatchFindsNothing() {
    coordinator
        .answers(clone(State.DELETING))
        .watchRefuses(Status.NOT_FOUND.withDescription("no clone fix-1").asException());

    assertThat(delete().orElseThrow().await(LONG).name()).isEqualTo("fix-1");
  }

  @Test
  void aDeletionIsOverWhenAnotherCloneHasTheName() {
    coordinator
        .answers(clone(State.DELETING))
        .watchSends(clone(State.PENDING).toBuilder().setUid("uid-2").build());

    assertThat(delete().orElseThrow().await(LONG).uid()).isEqualTo("uid-1");
  }

  @Test
  void deletingWhatIsNotThereIsEmpty() {
    coordinator.answers(dev.ramet.proto.v1.Clone.getDefaultInstance());

    assertThat(delete()).isEmpty();
  }

  @Test
  void aQuestionIsAskedAgainWhereTheServerIsAwayForAMoment() {
    coordinator
        .refuses(Status.UNAVAILABLE.asException())
        .refuses(Status.UNAVAILABLE.asException())
        .answers(clone(State.READY));

    assertThat(ramet.clones().get("fix-1").name()).isEqualTo("fix-1");
    assertThat(coordinator.calls()).isEqualTo(3);
  }

  @Test
  void aRefusalCarriesTheServersReasonMetadataAndFaults() {
    coordinator.refuses(
        StatusProto.toStatusException(
            com.google.rpc.Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage("the request is wrong")
                .addDetails(
                    Any.pack(
                        ErrorInfo.newBuilder()
                            .setReason("INVALID_NAME")
                            .putMetadata("field", "name")
                            .build()))
                .addDetails(
                    Any.pack(
                        BadRequest.newBuilder()
                            .addFieldViolations(
                                BadRequest.FieldViolation.newBuilder()
                                    .setField("name")
                                    .setDescription("no DNS label"))
                            .build()))
                .build()));

    RametException error =
        catchThrowableOfType(RametException.class, () -> ramet.clones().get("../x"));

    assertThat(error.kind()).isEqualTo(ErrorKind.INVALID);
    assertThat(error.code()).isEqualTo("INVALID_NAME");
    assertThat(error.metadata()).containsEntry("field", "name");
    assertThat(error).hasMessage("the request is wrong (name: no DNS label)");
    assertThat(error.fields()).containsExactly("name");
    assertThat(error.retryable()).isFalse();
  }

  @Test
  void listingGoesThroughAllPages() {
    assertThat(ramet.clones().list()).extracting(Clone::name).containsExactly("a", "b", "c");
  }

  @Test
  void aStateThatThisVersionDoesNotKnowIsUnknown() {
    coordinator.answers(clone(State.READY).toBuilder().setStateValue(99).build());

    assertThat(ramet.clones().get("fix-1").state()).isEqualTo(Clone.State.UNKNOWN);
  }

  @Test
  void noPasswordIsSeenInText() {
    coordinator.answers(clone(State.READY));

    assertThat(ramet.clones().get("fix-1").toString()).doesNotContain("s3cret");
    ImageBuild build = ImageBuild.of("app", Secret.of("postgres://u:s3cret@db/shop"));
    assertThat(build.toString()).doesNotContain("s3cret");
  }

  private Pending<Clone> create() {
    return ramet.clones().create("fix-1", CloneSpec.of("app"));
  }

  private Optional<Pending<Clone>> delete() {
    return ramet.clones().delete("fix-1");
  }

  private static dev.ramet.proto.v1.Clone clone(State state) {
    return dev.ramet.proto.v1.Clone.newBuilder()
        .setName("fix-1")
        .setUid("uid-1")
        .setState(state)
        .setPassword("s3cret")
        .setUrl("postgres://ramet:s3cret@127.0.0.1:15001/shop")
        .build();
  }
}
