package dev.ramet.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** Wire messages to the client's values. Unknown enum numbers become UNKNOWN, never an error. */
final class ProtoValues {
  private ProtoValues() {}

  static Clone clone(dev.ramet.proto.v1.Clone m) {
    return new Clone(
        m.getName(),
        m.getUid(),
        spec(m),
        known(Clone.State.class, m.getState(), Clone.State.UNKNOWN),
        m.hasFailure() ? failure(m.getFailure()) : null,
        m.getImage(),
        m.getRevision(),
        m.getHost(),
        m.getRuntime(),
        m.hasEndpoint() ? new Endpoint(m.getEndpoint().getHost(), m.getEndpoint().getPort()) : null,
        m.getDatabase(),
        m.getUser(),
        Secret.of(m.getPassword()),
        Secret.of(m.getUrl()),
        steps(m.getTimingsList()),
        duration(m.getTotalTime()),
        placement(m.getPlacement()),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null,
        m.hasReadyTime() ? instant(m.getReadyTime()) : null,
        life(m),
        m.getWarm(),
        m.getHostLost());
  }

  private static CloneLife life(dev.ramet.proto.v1.Clone m) {
    return new CloneLife(
        m.getReconciling(),
        m.getOrigin(),
        m.hasExpireTime() ? instant(m.getExpireTime()) : null,
        duration(m.getIdleTtl()),
        m.hasLastUsedTime() ? instant(m.getLastUsedTime()) : null,
        m.hasProtectedUntil() ? instant(m.getProtectedUntil()) : null,
        m.getWarningsList().stream()
            .map(w ->
                new CloneLife.Warning(
                    w.getCode(), w.getMessage(), w.hasTime() ? instant(w.getTime()) : null))
            .toList(),
        m.hasLastReset() ? reset(m.getLastReset()) : null,
        m.hasGrowth() ? growth(m.getGrowth()) : null);
  }

  private static CloneLife.Growth growth(dev.ramet.proto.v1.Growth m) {
    return new CloneLife.Growth(
        m.getLimitBytes(), m.getBytes(), m.hasReadTime() ? instant(m.getReadTime()) : null);
  }

  private static CloneLife.Reset reset(dev.ramet.proto.v1.Reset m) {
    return new CloneLife.Reset(
        m.getTo(),
        m.hasRequestTime() ? instant(m.getRequestTime()) : null,
        m.hasEndTime() ? instant(m.getEndTime()) : null,
        m.hasFailure() ? failure(m.getFailure()) : null,
        steps(m.getTimingsList()));
  }

  static dev.ramet.proto.v1.Lifetime lifetime(Lifetime lifetime) {
    dev.ramet.proto.v1.Lifetime.Builder m = dev.ramet.proto.v1.Lifetime.newBuilder();
    if (!lifetime.ttl().isZero()) {
      m.setTtl(message(lifetime.ttl()));
    }
    if (!lifetime.idleTtl().isZero()) {
      m.setIdleTtl(message(lifetime.idleTtl()));
    }
    if (!lifetime.protect().isZero()) {
      m.setProtect(message(lifetime.protect()));
    }
    return m.build();
  }

  static Save save(dev.ramet.proto.v1.Save m) {
    return new Save(
        m.getName(),
        m.getClone(),
        m.getUid(),
        m.getMessage(),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null,
        m.getParent(),
        m.getHost(),
        m.getBranchesList(),
        m.getDeleting(),
        m.getClean(),
        m.hasOwnBytes() ? m.getOwnBytes() : null);
  }

  static ClientConnection connection(dev.ramet.proto.v1.Connection m) {
    return new ClientConnection(
        m.getClient(),
        m.getUser(),
        m.getDatabase(),
        m.getApplication(),
        m.hasSince() ? instant(m.getSince()) : null,
        m.hasLastQueryTime() ? instant(m.getLastQueryTime()) : null,
        m.getState());
  }

  static Duration message(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static CloneSpec spec(dev.ramet.proto.v1.Clone m) {
    dev.ramet.proto.v1.CloneSpec s = m.getSpec();
    return new CloneSpec(
        s.getImage(),
        s.getHost(),
        s.getRuntime(),
        new TreeMap<>(s.getEngineOptionsMap()),
        s.getSizeLimitBytes(),
        s.getMemoryLimitBytes(),
        s.getCpuLimitMillis(),
        s.getPort(),
        s.getFrom(),
        new TreeMap<>(m.getLabelsMap()));
  }

  static dev.ramet.proto.v1.CloneSpec spec(CloneSpec s) {
    return dev.ramet.proto.v1.CloneSpec.newBuilder()
        .setImage(s.image())
        .setHost(s.host())
        .setRuntime(s.runtime())
        .putAllEngineOptions(s.engineOptions())
        .setSizeLimitBytes(s.sizeLimitBytes())
        .setMemoryLimitBytes(s.memoryLimitBytes())
        .setCpuLimitMillis(s.cpuLimitMillis())
        .setPort(s.port())
        .setFrom(s.from())
        .build();
  }

  private static Placement placement(dev.ramet.proto.v1.Placement m) {
    return new Placement(
        m.getCandidatesList().stream()
            .map(c ->
                new Placement.Candidate(
                    c.getHost(), c.getChosen(), c.getScore(), c.getScoresMap(), c.getRejection()))
            .toList());
  }

  static Failure failure(dev.ramet.proto.v1.Failure m) {
    return new Failure(m.getCode(), m.getMessage(), m.getRetryable(), m.getLogTailList());
  }

  static List<Step> steps(List<dev.ramet.proto.v1.Step> steps) {
    return steps.stream().map(ProtoValues::step).toList();
  }

  private static Step step(dev.ramet.proto.v1.Step m) {
    return new Step(
        m.getName(),
        known(Step.State.class, m.getState(), Step.State.UNKNOWN),
        m.hasStartTime() ? instant(m.getStartTime()) : null,
        duration(m.getElapsed()),
        m.getBytesDone(),
        m.getBytesTotal());
  }

  static Image image(dev.ramet.proto.v1.Image m) {
    return new Image(
        m.getName(),
        m.getDescription(),
        new TreeMap<>(m.getLabelsMap()),
        m.getEngine(),
        m.getLatest(),
        m.getRevisionsList().stream().map(ProtoValues::revision).toList(),
        m.hasWarm() ? warm(m.getWarm()) : null,
        lifetime(m.getLifetime()),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null);
  }

  private static WarmPool warm(dev.ramet.proto.v1.WarmPool m) {
    return new WarmPool(m.getMin(), m.getMax(), m.getWanted(), m.getReady());
  }

  private static ImageLifetime lifetime(dev.ramet.proto.v1.ImageLifetime m) {
    return new ImageLifetime(
        duration(m.getDefaultTtl()),
        duration(m.getMaxTtl()),
        duration(m.getDefaultIdleTtl()),
        duration(m.getMaxIdleTtl()),
        duration(m.getMaxProtect()));
  }

  static Revision revision(dev.ramet.proto.v1.Revision m) {
    return new Revision(
        m.getImage(),
        m.getNumber(),
        known(Revision.State.class, m.getState(), Revision.State.UNKNOWN),
        m.hasFailure() ? failure(m.getFailure()) : null,
        m.getEngine(),
        m.getEngineVersion(),
        m.getSource(),
        m.getDatabase(),
        m.getDatabasesList(),
        m.getVolumeBytes(),
        m.getDataBytes(),
        m.getReplicasList().stream().map(ProtoValues::replica).toList(),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null,
        m.hasReadyTime() ? instant(m.getReadyTime()) : null,
        m.getOperation());
  }

  private static Replica replica(dev.ramet.proto.v1.Replica m) {
    return new Replica(
        m.getHost(),
        m.getPool(),
        known(Replica.State.class, m.getState(), Replica.State.UNKNOWN),
        m.hasFailure() ? failure(m.getFailure()) : null);
  }

  static Host host(dev.ramet.proto.v1.Host m) {
    dev.ramet.proto.v1.HostReport r = m.getReport();
    return new Host(
        m.getName(),
        new TreeMap<>(m.getLabelsMap()),
        m.getCordoned(),
        m.getAlive(),
        m.getAgentAddress(),
        r.getAgentVersion(),
        r.getPoolsList().stream().map(ProtoValues::pool).toList(),
        r.getRuntimesList(),
        new TreeMap<>(r.getUnavailableRuntimesMap()),
        r.getEnginesList().stream()
            .map(e -> new Host.EngineVersions(e.getEngine(), e.getRuntime(), e.getVersionsList()))
            .toList(),
        r.getMemoryTotalBytes(),
        r.getMemoryAvailableBytes(),
        r.getCpus(),
        r.getDatabaseAddress(),
        r.getFirstPort(),
        r.getLastPort(),
        m.getClones(),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null);
  }

  private static Host.Pool pool(dev.ramet.proto.v1.Pool m) {
    return new Host.Pool(
        m.getName(),
        m.getDriver(),
        m.getCapabilitiesList(),
        m.getHealthy(),
        m.getProblem(),
        m.getFreeBytes(),
        m.getTotalBytes());
  }

  static Operation operation(dev.ramet.proto.v1.Operation m) {
    return new Operation(
        m.getId(),
        known(Operation.Kind.class, m.getKind(), Operation.Kind.UNKNOWN),
        m.getTarget(),
        m.getDone(),
        m.hasFailure() ? failure(m.getFailure()) : null,
        steps(m.getStepsList()),
        m.hasCreateTime() ? instant(m.getCreateTime()) : null,
        m.hasEndTime() ? instant(m.getEndTime()) : null);
  }

  static <E extends Enum<E>> E known(Class<E> type, Enum<?> wire, E unknown) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(wire.name())) {
        return value;
      }
    }
    return unknown;
  }

  private static java.time.Duration duration(Duration d) {
    return java.time.Duration.ofSeconds(d.getSeconds(), d.getNanos());
  }

  static Instant instant(Timestamp t) {
    return Instant.ofEpochSecond(t.getSeconds(), t.getNanos());
  }
}
