package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.ramet.proto.agent.v1.AttachVolumeRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.CloneVolumeRequest;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.CreateVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteVolumeRequest;
import dev.ramet.proto.agent.v1.DetachVolumeRequest;
import dev.ramet.proto.agent.v1.GetUsageRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.ReadSnapshotRequest;
import dev.ramet.proto.agent.v1.Snapshot;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc.VolumeServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The storage verbs, short enough for tests to be read. */
record Verbs(VolumeServiceBlockingStub volumes) {
  private static final String POOL = TestAgent.POOL;

  Volume create(String id, long bytes) {
    return volumes.createVolume(
        CreateVolumeRequest.newBuilder().setPool(POOL).setId(id).setSizeBytes(bytes).build());
  }

  Snapshot snapshot(String id, String source) {
    return volumes.createSnapshot(
        CreateSnapshotRequest.newBuilder().setPool(POOL).setId(id).setSource(source).build());
  }

  Volume clone(String id, String origin) {
    return clone(id, origin, 0);
  }

  Volume clone(String id, String origin, long limit) {
    return volumes.cloneVolume(
        CloneVolumeRequest.newBuilder()
            .setPool(POOL)
            .setId(id)
            .setOrigin(origin)
            .setLimitBytes(limit)
            .build());
  }

  Attachment attach(String id) {
    return volumes.attachVolume(AttachVolumeRequest.newBuilder().setPool(POOL).setId(id).build());
  }

  void detach(String id) {
    volumes.detachVolume(DetachVolumeRequest.newBuilder().setPool(POOL).setId(id).build());
  }

  void delete(String id) {
    volumes.deleteVolume(DeleteVolumeRequest.newBuilder().setPool(POOL).setId(id).build());
  }

  void deleteSnapshot(String id) {
    volumes.deleteSnapshot(DeleteSnapshotRequest.newBuilder().setPool(POOL).setId(id).build());
  }

  ListVolumesResponse list() {
    return volumes.listVolumes(ListVolumesRequest.newBuilder().setPool(POOL).build());
  }

  /** Of a volume or of a snapshot: the other is empty. */
  Usage usage(String volume, String snapshot) {
    return volumes.getUsage(
        GetUsageRequest.newBuilder().setPool(POOL).setId(volume).setSnapshot(snapshot).build());
  }

  /** What a snapshot holds, whatever the pieces it was read in. */
  record Content(long size, long announced, long data, String sha256) {}

  Content read(String snapshot) {
    Iterator<SnapshotChunk> chunks =
        volumes.readSnapshot(
            ReadSnapshotRequest.newBuilder().setPool(POOL).setId(snapshot).build());
    SnapshotChunk head = chunks.next();
    MessageDigest digest = sha256();
    byte[] zeros = new byte[1 << 20];
    long position = 0;
    long data = 0;
    while (chunks.hasNext()) {
      SnapshotChunk chunk = chunks.next();
      position = fill(digest, zeros, position, chunk.getOffset());
      digest.update(chunk.getContent().asReadOnlyByteBuffer());
      position += chunk.getContent().size();
      data += chunk.getContent().size();
    }
    fill(digest, zeros, position, head.getSizeBytes());
    return new Content(
        head.getSizeBytes(), head.getDataBytes(), data, HexFormat.of().formatHex(digest.digest()));
  }

  /** Fails unless the call is refused with this reason. */
  static StatusRuntimeException refused(String reason, ThrowingCallable call) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("a refusal with reason " + reason).isNotNull();
    assertThat(reason(refusal)).as(refusal.getMessage()).isEqualTo(reason);
    return refusal;
  }

  private static String reason(StatusRuntimeException refusal) {
    com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(refusal));
    if (status.getDetailsCount() == 0) {
      return "none: " + refusal;
    }
    try {
      return status.getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static long fill(MessageDigest digest, byte[] zeros, long from, long to) {
    for (long position = from; position < to; ) {
      int count = (int) Math.min(zeros.length, to - position);
      digest.update(zeros, 0, count);
      position += count;
    }
    return to;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
