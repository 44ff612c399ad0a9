package dev.ramet.agent.server;

import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.SanServiceGrpc.SanServiceImplBase;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import dev.ramet.storage.san.TargetPortal;
import io.grpc.stub.StreamObserver;
import java.util.Map;

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
    LunAddress address = address(request.getLun());
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

  private static LunAddress address(Lun lun) {
    try {
      return new LunAddress(
          lun.getPortalsList().stream()
              .map(portal -> new TargetPortal(portal.getAddress(), portal.getIqn()))
              .toList(),
          lun.getLun(),
          lun.getWwid(),
          lun.hasChap() ? chap(lun.getChap()) : null,
          lun.hasTargetChap() ? chap(lun.getTargetChap()) : null);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(Map.of("lun", String.valueOf(e.getMessage())));
    }
  }

  private static Chap chap(dev.ramet.proto.agent.v1.Chap chap) {
    return new Chap(chap.getUser(), chap.getSecret());
  }
}
