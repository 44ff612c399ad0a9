package dev.ramet.storage.linuxtarget;

import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The agent's messages as the contract's values, its errors as the contract's. */
final class LunMessages {
  private LunMessages() {}

  static LunAddress address(Lun lun) {
    return new LunAddress(
        lun.getPortalsList().stream()
            .map(portal -> new TargetPortal(portal.getAddress(), portal.getIqn()))
            .toList(),
        lun.getLun(),
        lun.getWwid(),
        lun.hasChap() ? chap(lun.getChap()) : null,
        lun.hasTargetChap() ? chap(lun.getTargetChap()) : null);
  }

  private static Chap chap(dev.ramet.proto.agent.v1.Chap chap) {
    return new Chap(chap.getUser(), chap.getSecret());
  }

  static dev.ramet.proto.agent.v1.Chap chap(Chap chap) {
    return dev.ramet.proto.agent.v1.Chap.newBuilder()
        .setUser(chap.user())
        .setSecret(chap.secret())
        .build();
  }

  /** By the agent's own code where it has one of the contract's; else by the call's status. */
  static StorageException failure(String array, StatusRuntimeException error) {
    String description =
        switch (error.getStatus().getCode()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED -> "its agent does not answer: is it running?";
          default -> String.valueOf(error.getStatus().getDescription());
        };
    return new StorageException(code(error), "array %s: %s".formatted(array, description), error);
  }

  private static StorageError code(StatusRuntimeException error) {
    String reason = reason(error);
    if (reason != null) {
      return Arrays.stream(StorageError.values())
          .filter(known -> known.name().equals(reason))
          .findAny()
          .orElse(reason.equals("IN_FLIGHT") ? StorageError.UNREACHABLE : StorageError.IO);
    }
    return switch (error.getStatus().getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> StorageError.UNREACHABLE;
      case UNAUTHENTICATED, PERMISSION_DENIED -> StorageError.ACCESS_DENIED;
      case UNIMPLEMENTED -> StorageError.UNSUPPORTED;
      default -> StorageError.IO;
    };
  }

  private static @Nullable String reason(StatusRuntimeException error) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return null;
    }
    for (com.google.protobuf.Any detail : status.getDetailsList()) {
      if (detail.is(com.google.rpc.ErrorInfo.class)) {
        try {
          return detail.unpack(com.google.rpc.ErrorInfo.class).getReason();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          return null;
        }
      }
    }
    return null;
  }
}
