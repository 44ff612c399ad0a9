package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.proto.agent.v1.PullProgress;
import dev.ramet.proto.agent.v1.PullSnapshotRequest;
import dev.ramet.proto.agent.v1.ReadSnapshotRequest;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotWriter;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;

/**
 * Copies snapshots from other agents. One job for each snapshot, which goes on when all who watch
 * it have left; a source that breaks off leaves nothing behind.
 */
final class SnapshotPulls {
  /** Callers may name another source while it runs: they want the snapshot, so they join. */
  private static final String ANY_SOURCE = "";

  private final Jobs<String, PullProgress> jobs;
  private final PeerAgents peers;

  SnapshotPulls(Jobs<String, PullProgress> jobs, PeerAgents peers) {
    this.jobs = jobs;
    this.peers = peers;
  }

  /** Joins the job that makes this snapshot, or begins it. */
  Job<PullProgress> join(PullSnapshotRequest request, CowDriver driver) {
    InFlight.Claim claim = InFlight.Claim.snapshot(request.getPool(), request.getId());
    return jobs.join(claim.what(), ANY_SOURCE, job -> pull(request, driver, job), claim);
  }

  /** Ends the job that makes this snapshot; none of it is left when this returns. */
  void cancel(String pool, String id) throws InterruptedException {
    jobs.cancel(InFlight.Claim.snapshot(pool, id).what());
  }

  private void pull(PullSnapshotRequest request, CowDriver driver, Job<PullProgress> job)
      throws InterruptedException {
    SnapshotId id = new SnapshotId(request.getId());
    long bytes = 0;
    if (driver.findSnapshot(id).isEmpty()) {
      ReadSnapshotRequest wanted =
          ReadSnapshotRequest.newBuilder()
              .setPool(request.getFromPool())
              .setId(request.getId())
              .build();
      try (PeerAgents.Reading reading = peers.read(request.getFromAddress(), wanted)) {
        bytes = copy(id, reading.chunks(), driver, job);
      } catch (StatusRuntimeException | StorageException e) {
        if (Thread.interrupted()) {
          throw (InterruptedException) new InterruptedException("cancelled").initCause(e);
        }
        throw e instanceof StatusRuntimeException broken ? sourceFailed(request, broken) : e;
      }
    }
    job.publish(
        PullProgress.newBuilder().setBytesDone(bytes).setBytesTotal(bytes).setDone(true).build());
  }

  private static long copy(
      SnapshotId id, Iterator<SnapshotChunk> chunks, CowDriver driver, Job<PullProgress> job) {
    SnapshotChunk head = chunks.next();
    PullProgress.Builder progress = PullProgress.newBuilder().setBytesTotal(head.getDataBytes());
    job.publish(progress.build());
    long done = 0;
    try (SnapshotWriter writer =
        driver.write(id, new VolumeId(head.getSource()), new ByteSize(head.getSizeBytes()))) {
      while (chunks.hasNext()) {
        SnapshotChunk chunk = chunks.next();
        writer.write(chunk.getOffset(), chunk.getContent().asReadOnlyByteBuffer());
        done += chunk.getContent().size();
        job.publish(progress.setBytesDone(done).build());
      }
      writer.commit();
    }
    return done;
  }

  private static AgentException sourceFailed(
      PullSnapshotRequest request, StatusRuntimeException e) {
    String source =
        "agent %s, pool '%s'".formatted(request.getFromAddress(), request.getFromPool());
    if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
      return new AgentException(
          AgentError.NOT_FOUND,
          "snapshot '%s' is not at %s: choose another source".formatted(request.getId(), source),
          e);
    }
    return new AgentException(
        AgentError.PEER_UNREACHABLE,
        "snapshot '%s' could not be read from %s: %s; nothing of it was kept, try again"
            .formatted(request.getId(), source, e.getStatus()),
        e);
  }
}
