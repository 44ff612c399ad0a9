package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.ConnectionSeen;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Connection;
import dev.ramet.proto.v1.ListConnectionsRequest;
import dev.ramet.proto.v1.ListConnectionsResponse;

/** Who is connected to a clone, as its server says. */
final class CloneConnections {
  private final Records records;
  private final Agents agents;
  private final CloneLookup clones;

  CloneConnections(Records records, Agents agents) {
    this.records = records;
    this.agents = agents;
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
    agents
        .of(view, place.getHost())
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
