package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import java.time.Instant;

/** How much a clone may grow, as its user says. */
final class CloneGrowth {
  private static final String LIMIT = "growth_limit_bytes";
  private static final String ADDED = "add_growth_bytes";

  private final GrowthPolicy policy;

  CloneGrowth(GrowthPolicy policy) {
    this.policy = policy;
  }

  /** Refuses what is more than allowed; 0: nothing was asked for. */
  static void check(long asked, GrowthPolicy policy) {
    new RequestCheck()
        .notNegative(LIMIT, asked)
        .require(asked == 0 || policy.allows(asked), LIMIT, tooMuch(asked, policy))
        .done();
  }

  private static String tooMuch(long asked, GrowthPolicy policy) {
    return "%s is more than the %s that this server allows"
        .formatted(Growths.size(asked), Growths.size(policy.maxBytes()));
  }

  /**
   * The wish with what was asked for, or else the server's default, which is no reason to refuse a
   * pool that cannot tell how much a clone has grown.
   */
  static CloneWish with(
      CloneWish wish, CreateCloneRequest request, GrowthPolicy policy, boolean tellsGrowth) {
    long asked = request.getGrowthLimitBytes();
    long otherwise = tellsGrowth ? policy.limit() : 0;
    return wish.toBuilder().setGrowthLimitBytes(asked > 0 ? asked : otherwise).build();
  }

  /** Of a request to extend a clone, as far as that can be said without the clone. */
  void check(RequestCheck check, ExtendCloneRequest request) {
    switch (request.getGrowthCase()) {
      case GROWTH_LIMIT_BYTES ->
          check.require(request.getGrowthLimitBytes() > 0, LIMIT, "is not positive");
      case ADD_GROWTH_BYTES ->
          check.require(request.getAddGrowthBytes() != 0, ADDED, "changes nothing");
      case NO_GROWTH_LIMIT ->
          check.require(
              request.getNoGrowthLimit() && policy.allows(0),
              "no_growth_limit",
              "is not possible: this server allows %s at most"
                  .formatted(Growths.size(policy.maxBytes())));
      case GROWTH_NOT_SET -> {}
    }
  }

  /**
   * The clone with another limit. One that is frozen goes on: a new generation, so that its user
   * can wait for that.
   */
  CloneRecord extended(View view, CloneRecord clone, ExtendCloneRequest request, Instant now) {
    long limit =
        switch (request.getGrowthCase()) {
          case GROWTH_LIMIT_BYTES -> request.getGrowthLimitBytes();
          case ADD_GROWTH_BYTES -> added(clone, request.getAddGrowthBytes());
          case NO_GROWTH_LIMIT -> 0;
          case GROWTH_NOT_SET -> Growths.limit(clone);
        };
    if (limit == Growths.limit(clone)) {
      return clone;
    }
    if (request.getGrowthCase() != ExtendCloneRequest.GrowthCase.NO_GROWTH_LIMIT) {
      String field =
          request.getGrowthCase() == ExtendCloneRequest.GrowthCase.ADD_GROWTH_BYTES ? ADDED : LIMIT;
      requirePossible(view, clone, limit, field);
    }
    CloneRecord.Builder next = clone.toBuilder();
    next.getWishBuilder().setGrowthLimitBytes(limit);
    if (CloneRecords.state(clone) == CloneState.OVER_CAP) {
      next.getMetaBuilder().setGeneration(clone.getMeta().getGeneration() + 1);
    }
    return Growths.warned(next.build(), now);
  }

  private static long added(CloneRecord clone, long bytes) {
    if (Growths.limit(clone) == 0) {
      throw RequestCheck.refusal(
          ADDED,
          "clone %s may grow as it likes already: say how much it may hold in all"
              .formatted(clone.getMeta().getName()));
    }
    return Growths.limit(clone) + bytes;
  }

  private void requirePossible(View view, CloneRecord clone, long limit, String field) {
    String name = clone.getMeta().getName();
    CloneAssignment place = clone.getAssignment();
    if (!HostViews.tellsGrowth(view, place.getHost(), place.getPool())) {
      throw ErrorCode.GROWTH_UNSUPPORTED.exception(
          "pool %s of host %s cannot tell how much clone %s has grown: limit what it may hold when it is made, with --size-limit, or make it on another host"
              .formatted(place.getPool(), place.getHost(), name));
    }
    new RequestCheck()
        .require(policy.allows(limit), field, tooMuch(limit, policy))
        .require(
            limit > Growths.bytes(clone),
            field,
            "%s is not more than the %s that clone %s has grown by already"
                .formatted(
                    Growths.size(Math.max(0, limit)), Growths.size(Growths.bytes(clone)), name))
        .done();
  }
}
