package dev.ramet.agent.server;

import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.SanServiceGrpc.SanServiceImplBase;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import io.grpc.stub.StreamObserver;

/** Attaches arrays' volumes; in all else a pool of LUNs is one like others. */
final class SanEndpoint extends SanServiceImplBase {
  private final Pools pools;
  private final Replies replies;

  SanEndpoint(Pools pools, Replies replies) {
    this.pools = pools;
    this.replies = replies;
  }

  @Override
  public void attachLun(AttachLunRequest request, StreamObserver<Attachment> out) {
    String pool = request.getPool();
    new Checks().pool("pool", pool).id("id", request.getId()).done();
    LunAddress address = TargetWire.address(request.getLun());
    replies.send(
        out,
        () -> Wire.attachment(driver(pool).attach(new VolumeId(request.getId()), address)),
        Claim.volume(pool, request.getId()));
  }

  private LunDriver driver(String pool) {
    CowDriver driver = pools.get(pool).driver();
    if (driver instanceof LunDriver luns) {
      return luns;
    }
    throw new StorageException(
        StorageError.UNSUPPORTED,
        "pool '%s' is on a disk of this host, and attaches no volumes of arrays: use a pool whose driver is iscsi"
            .formatted(pool));
  }
}
