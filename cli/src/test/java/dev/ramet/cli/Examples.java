package dev.ramet.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.Endpoint;
import dev.ramet.proto.v1.EngineVersions;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Placement;
import dev.ramet.proto.v1.Pool;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Step;
import dev.ramet.proto.v1.WarmPool;
import java.util.List;

/** Things as a coordinator would tell them. The clock of the tests stands at 2026-11-01T12:00Z. */
final class Examples {
  /** 2026-11-01T11:00:00Z: an hour ago. */
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_793_530_800L).build();

  private Examples() {}

  static Clone clone(String name) {
    return pending(name).toBuilder()
        .setState(Clone.State.READY)
        .setDatabase("shop")
        .setUser("ramet")
        .setPassword("s3cret")
        .setUrl("postgres://ramet:s3cret@127.0.0.1:15001/shop")
        .addTimings(step("clone-volume", Step.State.SUCCEEDED, 3))
        .addTimings(step("attach", Step.State.SUCCEEDED, 7))
        .addTimings(step("start", Step.State.SUCCEEDED, 51))
        .setTotalTime(millis(74))
        .setReadyTime(TIME)
        .build();
  }

  static Clone pending(String name) {
    return Clone.newBuilder()
        .setName(name)
        .setUid("ab12cd34")
        .setSpec(CloneSpec.newBuilder().setImage("app"))
        .putLabels("team", "web")
        .setState(Clone.State.PENDING)
        .setImage("app")
        .setRevision(7)
        .setHost("host-a")
        .setRuntime("docker")
        .setEndpoint(Endpoint.newBuilder().setHost("127.0.0.1").setPort(15001))
        .setPlacement(placement())
        .setCreateTime(TIME)
        .build();
  }

  static Clone failed(String name) {
    return pending(name).toBuilder()
        .setState(Clone.State.FAILED)
        .setFailure(
            Failure.newBuilder()
                .setCode("INSTANCE_EXITED")
                .setMessage("the database of clone " + name + " ended at once: see its last lines")
                .addLogTail("LOG:  starting")
                .addLogTail("FATAL:  could not map memory"))
        .build();
  }

  /** From PENDING to READY; the name is filled in by who sends it. */
  static List<Clone> cloneLife() {
    Clone ready = clone("any");
    Clone provisioning =
        pending("any").toBuilder()
            .setState(Clone.State.PROVISIONING)
            .addTimings(step("clone-volume", Step.State.SUCCEEDED, 3))
            .addTimings(step("attach", Step.State.RUNNING, 1))
            .build();
    return List.of(pending("any"), provisioning, ready);
  }

  private static Placement placement() {
    return Placement.newBuilder()
        .addCandidates(
            Placement.Candidate.newBuilder()
                .setHost("host-a")
                .setChosen(true)
                .setScore(0.82)
                .putScores("image", 1)
                .putScores("free-space", 0.64))
        .addCandidates(
            Placement.Candidate.newBuilder().setHost("host-b").setRejection("it is cordoned"))
        .build();
  }

  static Image image() {
    return Image.newBuilder()
        .setName("app")
        .setEngine("postgres")
        .setLatest(7)
        .setCreateTime(TIME)
        .addRevisions(revision(7))
        .setWarm(WarmPool.newBuilder().setMin(2).setWanted(2).setReady(1))
        .build();
  }

  static Revision revision(long number) {
    return Revision.newBuilder()
        .setImage("app")
        .setNumber(number)
        .setState(Revision.State.READY)
        .setEngine("postgres")
        .setEngineVersion("15")
        .setSource("postgres://shop@db.example:5432/shop")
        .setDatabase("shop")
        .addDatabases("shop")
        .setVolumeBytes(20L << 30)
        .setDataBytes(1_610_612_736L)
        .addReplicas(
            Replica.newBuilder().setHost("host-a").setPool("main").setState(Replica.State.READY))
        .addReplicas(
            Replica.newBuilder().setHost("host-b").setPool("main").setState(Replica.State.COPYING))
        .setCreateTime(TIME)
        .setReadyTime(TIME)
        .setOperation("op-1")
        .build();
  }

  static Host host(String name) {
    return Host.newBuilder()
        .setName(name)
        .setAlive(true)
        .setAgentAddress("127.0.0.1:9445")
        .setClones(3)
        .setCreateTime(TIME)
        .setReport(
            HostReport.newBuilder()
                .setAgentVersion("0.1.0")
                .addPools(
                    Pool.newBuilder()
                        .setName("main")
                        .setDriver("reflink")
                        .setHealthy(true)
                        .setFreeBytes(30L << 30)
                        .setTotalBytes(40L << 30))
                .addRuntimes("process")
                .putUnavailableRuntimes("docker", "no engine answers at /var/run/docker.sock")
                .addEngines(
                    EngineVersions.newBuilder()
                        .setEngine("postgres")
                        .setRuntime("process")
                        .addVersions("15"))
                .setMemoryTotalBytes(24L << 30)
                .setMemoryAvailableBytes(20L << 30)
                .setCpus(2)
                .setDatabaseAddress("127.0.0.1")
                .setFirstPort(15000)
                .setLastPort(15999))
        .build();
  }

  static Operation operation(String id) {
    return Operation.newBuilder()
        .setId(id)
        .setKind(Operation.Kind.BUILD_IMAGE)
        .setTarget("app:7")
        .setDone(true)
        .setCreateTime(TIME)
        .setEndTime(TIME.toBuilder().setSeconds(TIME.getSeconds() + 12))
        .addSteps(step("base-backup", Step.State.SUCCEEDED, 9500).toBuilder().setBytesDone(1 << 30))
        .build();
  }

  static Operation deletion(String id) {
    return Operation.newBuilder()
        .setId(id)
        .setKind(Operation.Kind.DELETE_IMAGE)
        .setTarget("app")
        .setDone(true)
        .setCreateTime(TIME)
        .setEndTime(TIME)
        .build();
  }

  static List<Operation> operationLife(String id) {
    Operation done = operation(id);
    Operation running =
        done.toBuilder()
            .setDone(false)
            .clearEndTime()
            .clearSteps()
            .addSteps(
                step("base-backup", Step.State.RUNNING, 2000).toBuilder()
                    .setBytesDone(100 << 20)
                    .setBytesTotal(1 << 30))
            .build();
    return List.of(running, done);
  }

  static Step step(String name, Step.State state, long millis) {
    return Step.newBuilder()
        .setName(name)
        .setState(state)
        .setStartTime(TIME)
        .setElapsed(millis(millis))
        .build();
  }

  private static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos((int) (millis % 1000) * 1_000_000)
        .build();
  }
}
