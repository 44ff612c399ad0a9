package dev.ramet.client;

import dev.ramet.proto.v1.Array;
import dev.ramet.proto.v1.ArrayServiceGrpc;
import dev.ramet.proto.v1.ArrayServiceGrpc.ArrayServiceBlockingStub;
import dev.ramet.proto.v1.CreateArrayRequest;
import dev.ramet.proto.v1.DeleteArrayRequest;
import dev.ramet.proto.v1.GetArrayRequest;
import dev.ramet.proto.v1.ListArraysRequest;
import dev.ramet.proto.v1.ListArraysResponse;
import io.grpc.Channel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Storage arrays. Thread-safe. Every method may throw {@link RametException}. */
public final class Arrays {
  private static final int PAGE = 100;

  private final Connection connection;
  private final ArrayServiceBlockingStub stub;

  Arrays(Connection connection, Channel channel) {
    this.connection = connection;
    this.stub = ArrayServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Adds an array, which is asked first: one that does not answer is not recorded. Repeat: the
   * array as it is, with the secrets given last.
   *
   * @param options by the driver's own names
   * @param secrets by the driver's own names; never told again
   */
  public StorageArray create(
      String name,
      String driver,
      String endpoint,
      Map<String, String> options,
      Map<String, String> secrets) {
    CreateArrayRequest request =
        CreateArrayRequest.newBuilder()
            .setName(name)
            .setDriver(driver)
            .setEndpoint(endpoint)
            .putAllOptions(options)
            .putAllSecrets(secrets)
            .build();
    return array(connection.call(stub, s -> s.createArray(request)));
  }

  /** With what is ours on it. NOT_FOUND where there is none. */
  public StorageArray get(String name) {
    GetArrayRequest request = GetArrayRequest.newBuilder().setName(name).build();
    return array(connection.call(stub, s -> s.getArray(request)));
  }

  /** All arrays, by name. */
  public List<StorageArray> list() {
    List<StorageArray> arrays = new ArrayList<>();
    String page = "";
    do {
      ListArraysRequest request =
          ListArraysRequest.newBuilder().setPageSize(PAGE).setPageToken(page).build();
      ListArraysResponse response = connection.call(stub, s -> s.listArrays(request));
      response.getArraysList().forEach(one -> arrays.add(array(one)));
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return arrays;
  }

  /** Forgets it and its secrets; nothing on it is touched. Missing: nothing to do. */
  public void delete(String name) {
    DeleteArrayRequest request = DeleteArrayRequest.newBuilder().setName(name).build();
    connection.call(stub, s -> s.deleteArray(request));
  }

  private static StorageArray array(Array m) {
    return new StorageArray(
        m.getName(),
        m.getDriver(),
        m.getEndpoint(),
        m.getOptionsMap(),
        Instant.ofEpochSecond(m.getCreateTime().getSeconds(), m.getCreateTime().getNanos()),
        m.getHealthy(),
        m.getProblem(),
        m.getDescription(),
        m.getFreeBytes(),
        m.getTotalBytes(),
        m.getCapabilitiesList(),
        m.getVolumesList().stream()
            .map(volume ->
                new StorageArray.Volume(
                    volume.getId(),
                    volume.getOrigin(),
                    volume.getSizeBytes(),
                    volume.getInitiatorsList()))
            .toList(),
        m.getSnapshotsList().stream()
            .map(snapshot -> new StorageArray.Snapshot(snapshot.getId(), snapshot.getSizeBytes()))
            .toList());
  }
}
