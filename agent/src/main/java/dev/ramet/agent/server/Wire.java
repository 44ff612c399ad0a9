package dev.ramet.agent.server;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.ramet.agent.storage.GrowthReadings;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.ClientConnection;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.ReadGrowthRequest;
import dev.ramet.proto.agent.v1.ReadGrowthResponse.Growth;
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.TimedStep;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.storage.ByteSize;
import java.time.Instant;

/** The agent's values as messages. */
final class Wire {
  private Wire() {}

  static Volume volume(String pool, dev.ramet.storage.Volume volume) {
    ByteSize limit = volume.limit();
    Volume.Builder message =
        Volume.newBuilder()
            .setPool(pool)
            .setId(volume.id().value())
            .setSizeBytes(volume.size().bytes())
            .setLimitBytes((limit == null ? volume.size() : limit).bytes());
    if (volume.origin() != null) {
      message.setOrigin(volume.origin().value());
    }
    dev.ramet.storage.Attachment attachment = volume.attachment();
    return message
        .setAttachment(
            attachment == null ? Attachment.getDefaultInstance() : attachment(attachment))
        .build();
  }

  static Attachment attachment(dev.ramet.storage.Attachment attachment) {
    Attachment.Builder message =
        Attachment.newBuilder().setAttached(true).setPath(attachment.path().toString());
    return switch (attachment) {
      case dev.ramet.storage.Attachment.BlockDevice block ->
          message.setDevice(block.device().toString()).build();
      case dev.ramet.storage.Attachment.Directory _ -> message.build();
    };
  }

  static Snapshot snapshot(String pool, dev.ramet.storage.Snapshot snapshot) {
    return Snapshot.newBuilder()
        .setPool(pool)
        .setId(snapshot.id().value())
        .setSource(snapshot.source().value())
        .setSizeBytes(snapshot.size().bytes())
        .build();
  }

  static Usage usage(dev.ramet.storage.Usage usage) {
    return Usage.newBuilder()
        .setOwnBytes(usage.own().bytes())
        .setSharedBytes(usage.shared().bytes())
        .build();
  }

  static Growth growth(ReadGrowthRequest.Volume volume, GrowthReadings.Growth growth) {
    return Growth.newBuilder()
        .setPool(volume.getPool())
        .setId(volume.getId())
        .setBytes(growth.bytes().bytes())
        .setExact(growth.exact())
        .build();
  }

  static Instance instance(dev.ramet.agent.instance.Instance instance) {
    Instance.Builder message =
        Instance.newBuilder()
            .setId(instance.id())
            .setState(state(instance.state()))
            .setRuntime(instance.runtime())
            .setEngine(instance.engine())
            .setEngineVersion(instance.engineVersion())
            .setPool(instance.pool())
            .setVolume(instance.volume())
            .setAddress(instance.address())
            .setPort(instance.port())
            .setHandle(instance.handle())
            .setProblem(instance.problem());
    for (dev.ramet.agent.instance.TimedStep step : instance.steps()) {
      message.addSteps(
          TimedStep.newBuilder().setName(step.name()).setElapsed(duration(step.elapsed())));
    }
    return message.build();
  }

  static Activity activity(dev.ramet.agent.engine.Activity activity) {
    return Activity.newBuilder()
        .addAllConnections(activity.connections().stream().map(Wire::connection).toList())
        .setUse(activity.use())
        .setRunning(activity.running())
        .setTime(timestamp(Instant.now()))
        .build();
  }

  private static ClientConnection connection(dev.ramet.agent.engine.ClientConnection connection) {
    ClientConnection.Builder message =
        ClientConnection.newBuilder()
            .setClient(connection.client())
            .setUser(connection.user())
            .setDatabase(connection.database())
            .setApplication(connection.application())
            .setSince(timestamp(connection.since()))
            .setState(connection.state());
    connection.lastQueryIfAny().ifPresent(begin -> message.setLastQueryTime(timestamp(begin)));
    return message.build();
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static Instance.State state(dev.ramet.agent.instance.Instance.State state) {
    return switch (state) {
      case STARTING -> Instance.State.STARTING;
      case RUNNING -> Instance.State.RUNNING;
      case FROZEN -> Instance.State.FROZEN;
      case DEAD -> Instance.State.DEAD;
    };
  }
}
