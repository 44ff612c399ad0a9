package dev.ramet.agent;

import dev.ramet.agent.config.AgentConfig;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DetachVolumeRequest;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A real agent in this process, on a loop-mounted pool of its own in a directory of the test's. */
final class TestAgent implements AutoCloseable {
  static final String POOL = "main";
  private static final Metadata.Key<String> INSTALLATION =
      Metadata.Key.of("ramet-installation", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> FENCE =
      Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);

  private final AgentConfig config;
  private final Agent agent;
  private final ManagedChannel channel;

  private TestAgent(AgentConfig config) throws IOException, InterruptedException {
    this.config = config;
    agent = new Agent(config, "test");
    agent.start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", agent.port()).usePlaintext().build();
  }

  static TestAgent start(Path dir, Map<String, String> more)
      throws IOException, InterruptedException {
    return new TestAgent(AgentConfig.of(settings(dir, more)));
  }

  static TestAgent start(Path dir) throws IOException, InterruptedException {
    return start(dir, Map.of());
  }

  /** Settings of an agent in the directory; port 0. */
  static Map<String, String> settings(Path dir, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", dir.getFileName().toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("coordinators", "");
    settings.put("state.dir", dir.resolve("state").toString());
    settings.put("pool.main.dir", dir.resolve("pool").toString());
    settings.put("pool.main.size", "2GiB");
    settings.put("runtimes", "process");
    settings.putAll(more);
    return settings;
  }

  String address() {
    return "127.0.0.1:" + agent.port();
  }

  ManagedChannel channel() {
    return channel;
  }

  VolumeServiceGrpc.VolumeServiceBlockingStub volumes() {
    return fenced(VolumeServiceGrpc.newBlockingStub(channel), "1");
  }

  InstanceServiceGrpc.InstanceServiceBlockingStub instances() {
    return fenced(InstanceServiceGrpc.newBlockingStub(channel), "1");
  }

  EngineServiceGrpc.EngineServiceBlockingStub engines() {
    return fenced(EngineServiceGrpc.newBlockingStub(channel), "1");
  }

  HostServiceGrpc.HostServiceBlockingStub host() {
    return HostServiceGrpc.newBlockingStub(channel);
  }

  static <S extends AbstractStub<S>> S fenced(S stub, String fence) {
    return fenced(stub, fence, "00000000-0001");
  }

  static <S extends AbstractStub<S>> S fenced(S stub, String fence, String installation) {
    Metadata headers = new Metadata();
    headers.put(INSTALLATION, installation);
    headers.put(FENCE, fence);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Stops the agent and leaves what the host holds. */
  void stop() throws IOException, InterruptedException {
    channel.shutdownNow();
    agent.stop();
  }

  /** Stops the agent and leaves nothing but files. */
  @Override
  public void close() throws IOException {
    clear(instances(), volumes());
    try {
      stop();
    } catch (InterruptedException e) {
      throw new InterruptedIOException(e.toString());
    }
    PoolRelease.run(config);
  }

  static void clear(
      InstanceServiceGrpc.InstanceServiceBlockingStub instances,
      VolumeServiceGrpc.VolumeServiceBlockingStub volumes) {
    for (Instance instance :
        instances.listInstances(ListInstancesRequest.getDefaultInstance()).getInstancesList()) {
      instances.deleteInstance(DeleteInstanceRequest.newBuilder().setId(instance.getId()).build());
    }
    for (Volume volume :
        volumes.listVolumes(ListVolumesRequest.getDefaultInstance()).getVolumesList()) {
      volumes.detachVolume(
          DetachVolumeRequest.newBuilder().setPool(POOL).setId(volume.getId()).build());
    }
  }
}
