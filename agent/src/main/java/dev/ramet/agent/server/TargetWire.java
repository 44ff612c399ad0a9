package dev.ramet.agent.server;

import dev.ramet.proto.agent.v1.GrantAccessRequest;
import dev.ramet.proto.agent.v1.ListTargetResponse;
import dev.ramet.proto.agent.v1.ListVolumesResponse.Leftover;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.TargetPortal;
import dev.ramet.proto.agent.v1.TargetVolume;
import dev.ramet.storage.san.ArrayListing;
import dev.ramet.storage.san.ArrayVolume;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import java.util.Map;

/** Volumes of arrays between messages and values. */
final class TargetWire {
  private TargetWire() {}

  /** Refused with what is wrong in it. */
  static LunAddress address(Lun lun) {
    try {
      return new LunAddress(
          lun.getPortalsList().stream()
              .map(portal ->
                  new dev.ramet.storage.san.TargetPortal(portal.getAddress(), portal.getIqn()))
              .toList(),
          lun.getLun(),
          lun.getWwid(),
          lun.hasChap() ? chap(lun.getChap()) : null,
          lun.hasTargetChap() ? chap(lun.getTargetChap()) : null);
    } catch (IllegalArgumentException e) {
      throw refused("lun", e);
    }
  }

  /** Refused with what is wrong in it. */
  static Initiator initiator(GrantAccessRequest request) {
    try {
      return new Initiator(
          request.getInitiator(),
          request.getInitiator(),
          request.hasChap() ? chap(request.getChap()) : null,
          request.hasTargetChap() ? chap(request.getTargetChap()) : null);
    } catch (IllegalArgumentException e) {
      throw refused("initiator", e);
    }
  }

  private static InvalidRequestException refused(String field, IllegalArgumentException why) {
    return new InvalidRequestException(Map.of(field, String.valueOf(why.getMessage())));
  }

  private static Chap chap(dev.ramet.proto.agent.v1.Chap chap) {
    return new Chap(chap.getUser(), chap.getSecret());
  }

  static Lun lun(LunAddress address) {
    Lun.Builder lun = Lun.newBuilder().setLun(address.lun()).setWwid(address.wwid());
    address
        .portals()
        .forEach(portal ->
            lun.addPortals(
                TargetPortal.newBuilder().setAddress(portal.address()).setIqn(portal.iqn())));
    address.chapIfAny().map(TargetWire::chap).ifPresent(lun::setChap);
    address.targetChapIfAny().map(TargetWire::chap).ifPresent(lun::setTargetChap);
    return lun.build();
  }

  private static dev.ramet.proto.agent.v1.Chap chap(Chap chap) {
    return dev.ramet.proto.agent.v1.Chap.newBuilder()
        .setUser(chap.user())
        .setSecret(chap.secret())
        .build();
  }

  static TargetVolume volume(ArrayVolume volume) {
    return TargetVolume.newBuilder()
        .setId(volume.id().value())
        .setOrigin(volume.origin().value())
        .setSizeBytes(volume.size().bytes())
        .addAllInitiators(volume.initiators())
        .build();
  }

  static ListTargetResponse listing(ArrayListing listing) {
    ListTargetResponse.Builder response = ListTargetResponse.newBuilder();
    listing.volumes().forEach(volume -> response.addVolumes(volume(volume)));
    listing.snapshots().forEach(snapshot -> response.addSnapshots(Wire.snapshot("", snapshot)));
    listing
        .leftovers()
        .forEach(left ->
            response.addLeftovers(
                Leftover.newBuilder().setName(left.name()).setReason(left.reason())));
    return response.build();
  }
}
