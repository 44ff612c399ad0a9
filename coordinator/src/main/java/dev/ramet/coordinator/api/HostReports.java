package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.HostLeases;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import dev.ramet.proto.v1.ReportHostRequest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the agents' reports: the host's record where there is none, its lease each time, and a
 * write only where something changed that matters.
 */
final class HostReports {
  private static final Logger log = LoggerFactory.getLogger(HostReports.class);

  /**
   * A pool's free space or the memory that moved by less than this fraction of the whole is no
   * news.
   */
  private static final int NEWS_FRACTION = 100;

  private static final int MAX_ADDRESS = 260;

  private final Records records;
  private final HostLeases leases;
  private final SecureRandom random = new SecureRandom();

  HostReports(Records records, HostLeases leases) {
    this.records = records;
    this.leases = leases;
  }

  void take(ReportHostRequest sent) {
    new RequestCheck()
        .name("name", sent.getName())
        .require(!sent.getAgentAddress().isEmpty(), "agent_address", "is missing")
        .plainText("agent_address", sent.getAgentAddress(), MAX_ADDRESS)
        .require(!sent.getAgentId().isEmpty(), "agent_id", "is missing")
        .labels("labels", sent.getLabelsMap())
        .done();
    ReportHostRequest request = withoutPortsOfClones(sent);
    Optional<Versioned<HostRecord>> known = records.view().get(Keys.host(request.getName()));
    if (known.isEmpty()) {
      introduce(request);
    } else {
      refuseRemoved(known.get().value());
      refuseSecond(known.get().value(), request);
      refresh(known.get(), request);
    }
    Optional<HostReport> before =
        records.view().get(Keys.hostAlive(request.getName())).map(Versioned::value);
    boolean news = before.map(old -> isNews(old, request.getReport())).orElse(true);
    HostLeases.Renewal renewal = leases.renew(request.getName(), request.getReport(), news);
    if (renewal.appeared()) {
      log.atInfo()
          .addKeyValue("host", request.getName())
          .addKeyValue("agent", request.getAgentAddress())
          .log("host is alive");
    }
  }

  /**
   * What clones listen on is known from their records. Left in the report, it would keep a port
   * that a clone has given back from being used again until the next report.
   */
  private ReportHostRequest withoutPortsOfClones(ReportHostRequest sent) {
    List<Integer> others =
        sent.getReport().getPortsInUseList().stream()
            .filter(port -> records.view().get(Keys.port(sent.getName(), port)).isEmpty())
            .toList();
    ReportHostRequest.Builder request = sent.toBuilder();
    request.getReportBuilder().clearPortsInUse().addAllPortsInUse(others);
    return request.build();
  }

  private static void refuseRemoved(HostRecord host) {
    if (host.getMeta().hasDeleteTime()) {
      throw ErrorCode.BEING_DELETED.exception(
          "host %s was declared lost and is being removed: it is taken on anew after that"
              .formatted(host.getMeta().getName()));
    }
  }

  private void refuseSecond(HostRecord host, ReportHostRequest request) {
    boolean other = !host.getAgentId().equals(request.getAgentId());
    boolean alive = records.view().get(Keys.hostAlive(request.getName())).isPresent();
    if (other && alive) {
      throw ErrorCode.HOST_NAME_HELD.exception(
          "the name %s is held by a live agent at %s: give this agent another name, or stop that one"
              .formatted(request.getName(), host.getAgentAddress()));
    }
  }

  private void introduce(ReportHostRequest request) {
    HostRecord host =
        HostRecord.newBuilder()
            .setMeta(
                Meta.newBuilder()
                    .setName(request.getName())
                    .setUid(Uids.next(random))
                    .setGeneration(1)
                    .setCreateTime(Times.message(records.now()))
                    .putAllLabels(request.getLabelsMap()))
            .setAgentAddress(request.getAgentAddress())
            .setAgentId(request.getAgentId())
            .setReport(request.getReport())
            .build();
    Outcome.OfAnybody outcome =
        records.commit(Txn.begin().create(Keys.host(request.getName()), host));
    switch (outcome) {
      case Outcome.Committed committed -> records.catchUp(committed.revision());
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        conflict
            .current(Keys.host(request.getName()))
            .ifPresent(other -> refuseSecond(other.value(), request));
      }
    }
  }

  private void refresh(Versioned<HostRecord> known, ReportHostRequest request) {
    HostRecord host = known.value();
    boolean same =
        host.getAgentId().equals(request.getAgentId())
            && host.getAgentAddress().equals(request.getAgentAddress())
            && shape(host.getReport()).equals(shape(request.getReport()));
    if (same) {
      return;
    }
    HostRecord next =
        host.toBuilder()
            .setAgentId(request.getAgentId())
            .setAgentAddress(request.getAgentAddress())
            .setReport(request.getReport())
            .build();
    // A conflict means that somebody else wrote meanwhile: the next report is soon.
    if (records.commit(Txn.begin().update(known, next)) instanceof Outcome.Committed done) {
      records.catchUp(done.revision());
    }
  }

  private static boolean isNews(HostReport before, HostReport now) {
    if (!shape(before).equals(shape(now))
        || !before.getPortsInUseList().equals(now.getPortsInUseList())
        || moved(
            before.getMemoryAvailableBytes(),
            now.getMemoryAvailableBytes(),
            now.getMemoryTotalBytes())) {
      return true;
    }
    for (int i = 0; i < now.getPoolsCount(); i++) {
      Pool pool = now.getPools(i);
      if (moved(before.getPools(i).getFreeBytes(), pool.getFreeBytes(), pool.getTotalBytes())) {
        return true;
      }
    }
    return false;
  }

  private static boolean moved(long before, long now, long whole) {
    return Math.abs(before - now) > whole / NEWS_FRACTION;
  }

  /** The report without what changes all the time. */
  private static HostReport shape(HostReport report) {
    HostReport.Builder shape = report.toBuilder().clearMemoryAvailableBytes().clearPortsInUse();
    shape.getPoolsBuilderList().forEach(Pool.Builder::clearFreeBytes);
    return shape.build();
  }
}
