package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.AttachLunResponse;
import dev.ramet.proto.agent.v1.DetachLunRequest;
import dev.ramet.proto.agent.v1.DetachLunResponse;
import dev.ramet.proto.agent.v1.SanServiceGrpc.SanServiceImplBase;
import io.grpc.stub.StreamObserver;

/** LUNs of arrays: declared, and refused in words until there are drivers for them. */
final class SanEndpoint extends SanServiceImplBase {

  @Override
  public void attachLun(AttachLunRequest request, StreamObserver<AttachLunResponse> out) {
    throw unsupported();
  }

  @Override
  public void detachLun(DetachLunRequest request, StreamObserver<DetachLunResponse> out) {
    throw unsupported();
  }

  private static AgentException unsupported() {
    return new AgentException(
        AgentError.UNSUPPORTED,
        "this agent has no SAN drivers: use a pool on a disk of the host instead");
  }
}
