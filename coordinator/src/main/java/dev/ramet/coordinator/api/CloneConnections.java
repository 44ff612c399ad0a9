package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.ConnectionSeen;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Connection;
import dev.ramet.proto.v1.ListConnectionsRequest;
import dev.ramet.proto.v1.ListConnectionsResponse;

/** Who is connected to a clone, as its server says. */
final class CloneConnections {
  private final Records records;
  private final Fleet fleet;
  private final CloneLookup clones;

  CloneConnections(Records records, Fleet fleet) {
    this.records = records;
    this.fleet = fleet;
    this.clones = new CloneLookup(records);
  }

  ListConnectionsResponse list(ListConnectionsRequest request) {
    new RequestCheck().name("name", request.getName()).done();
    View view = records.view();
    CloneRecord clone = clones.findKept(request.getName()).value();
    if (CloneRecords.state(clone) != CloneState.READY) {
      throw clones.notNow(clone, "asked who is connected");
    }
    CloneAssignment place = clone.getAssignment();
    ListConnectionsResponse.Builder answer = ListConnectionsResponse.newBuilder();
    view.get(Keys.host(place.getHost()))
        .map(host -> fleet.reader(host.value().getAgentAddress()))
        .orElseThrow(() ->
            ErrorCode.HOST_LOST.exception("host %s is not recorded".formatted(place.getHost())))
        .activity(place.getVolume())
        .connections()
        .forEach(connection -> answer.addConnections(message(connection)));
    return answer.build();
  }

  private static Connection message(ConnectionSeen seen) {
    Connection.Builder connection =
        Connection.newBuilder()
            .setClient(seen.client())
            .setUser(seen.user())
            .setDatabase(seen.database())
            .setApplication(seen.application())
            .setSince(Times.message(seen.since()))
            .setState(seen.state());
    seen.lastQuery().map(Times::message).ifPresent(connection::setLastQueryTime);
    return connection.build();
  }
}
