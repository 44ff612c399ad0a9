package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.DnsLabel;
import dev.ramet.coordinator.names.RevisionName;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.placement.CloneRequest;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.LifetimeRules;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.secret.Passwords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Decides on a clone and records it: one transaction, in which the name and the port are taken and
 * image and revision are still what was looked at. Nothing has happened on any host afterwards.
 */
final class CloneCreation {
  private static final Duration WRITE_WITHIN = Duration.ofSeconds(3);
  private static final int MAX_ATTEMPTS = 20;
  private static final Set<String> RUNTIMES = Set.of(CloneRequest.CONTAINERS, "process");
  private static final long LEAST_MEMORY = 32L << 20;
  private static final int LEAST_CPU_MILLIS = 10;
  private static final int FIRST_USER_PORT = 1024;
  private static final int LAST_PORT = 65_535;

  private final Records records;
  private final Placement placement;
  private final Passwords passwords = new Passwords();
  private final SecureRandom random = new SecureRandom();
  private final Reservations reservations = new Reservations();
  private final LifetimePolicy policy;
  private final WarmClaims claims;
  private final GrowthPolicy growth;
  private final RoomTakers takers;

  CloneCreation(
      Records records,
      Agents agents,
      Placement placement,
      LifetimePolicy policy,
      GrowthPolicy growth) {
    this.records = records;
    this.placement = placement;
    this.policy = policy;
    this.growth = growth;
    this.claims = new WarmClaims(records, agents, growth);
    this.takers = new RoomTakers(new OwnBytes(agents));
  }

  Clone create(CreateCloneRequest request) {
    Instant received = records.now();
    check(request);
    CloneGrowth.check(request.getGrowthLimitBytes(), growth);
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      View view = records.view();
      Optional<Versioned<CloneRecord>> existing = view.get(Keys.clone(request.getName()));
      if (existing.isPresent()) {
        CloneRepeat.require(existing.get().value(), request);
        return CloneMessages.clone(view, existing.get());
      }
      Optional<Clone> made = attempt(view, request, received);
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s could not be recorded because too much changed meanwhile: try again"
            .formatted(request.getName()));
  }

  private static void check(CreateCloneRequest request) {
    CloneSpec spec = request.getSpec();
    RequestCheck check =
        new RequestCheck()
            .name("name", request.getName())
            .labels("labels", request.getLabelsMap())
            .require(
                !spec.getFrom().isEmpty() || RevisionName.parse(spec.getImage()).isPresent(),
                "spec.image",
                spec.getImage().isEmpty()
                    ? "is missing"
                    : "%s is neither 'image' nor 'image:revision'"
                        .formatted(DnsLabel.quote(spec.getImage())))
            .require(
                spec.getFrom().isEmpty() || SaveName.parse(spec.getFrom()).isPresent(),
                "spec.from",
                "%s is not 'clone@save'".formatted(DnsLabel.quote(spec.getFrom())))
            .require(
                spec.getFrom().isEmpty() || spec.getImage().isEmpty(),
                "spec.from",
                "cannot be given together with an image")
            .nameOrEmpty("spec.host", spec.getHost())
            .require(
                spec.getRuntime().isEmpty() || RUNTIMES.contains(spec.getRuntime()),
                "spec.runtime",
                "%s is neither docker nor process".formatted(DnsLabel.quote(spec.getRuntime())))
            .notNegative("spec.size_limit_bytes", spec.getSizeLimitBytes())
            .notNegative("spec.memory_limit_bytes", spec.getMemoryLimitBytes())
            .require(
                spec.getMemoryLimitBytes() <= 0 || spec.getMemoryLimitBytes() >= LEAST_MEMORY,
                "spec.memory_limit_bytes",
                "%s is too little for a server to start in: give %s or more"
                    .formatted(
                        Growths.size(Math.max(0, spec.getMemoryLimitBytes())),
                        Growths.size(LEAST_MEMORY)))
            .notNegative("spec.cpu_limit_millis", spec.getCpuLimitMillis())
            .require(
                spec.getCpuLimitMillis() <= 0 || spec.getCpuLimitMillis() >= LEAST_CPU_MILLIS,
                "spec.cpu_limit_millis",
                "is less than the hundredth of a CPU that Docker can give")
            .require(
                spec.getPort() == 0
                    || (spec.getPort() >= FIRST_USER_PORT && spec.getPort() <= LAST_PORT),
                "spec.port",
                "is not within %d and %d".formatted(FIRST_USER_PORT, LAST_PORT))
            .require(
                !spec.getRuntime().equals("process") || !needsContainer(spec),
                "spec.runtime",
                "limits of memory and CPU need the docker runtime");
    CloneLifetimes.check(check, request.getLifetime());
    EngineOptions.check(check, "spec.engine_options", spec.getEngineOptionsMap());
    check.done();
  }

  static boolean needsContainer(CloneSpec spec) {
    return spec.getMemoryLimitBytes() > 0 || spec.getCpuLimitMillis() > 0;
  }

  /** Empty: something changed meanwhile, look again. */
  private Optional<Clone> attempt(View view, CreateCloneRequest request, Instant received) {
    CloneSpec spec = request.getSpec();
    CloneSource source =
        spec.getFrom().isEmpty()
            ? CloneSource.ofRevision(view, RevisionName.parse(spec.getImage()).orElseThrow())
            : CloneSource.ofSave(view, SaveName.parse(spec.getFrom()).orElseThrow());
    source.checkSize(spec.getSizeLimitBytes());
    if (!spec.getHost().isEmpty()) {
      Lookups.requireHost(view, spec.getHost());
    }
    CloneWish life =
        CloneLifetimes.wish(
            request.getLifetime(), LifetimeRules.of(view, policy, source.image()), received);
    Optional<WarmClaims.Claim> claim = claims.claim(view, request, source, life, received);
    if (claim.isPresent()) {
      try (WarmClaims.Claim held = claim.get()) {
        return write(view, Keys.clone(request.getName()), source.unchangedIn(held.txn()));
      }
    }
    CloneRequest wanted = wanted(spec, source, request.getGrowthLimitBytes() > 0);
    Reservations.Reserved reserved =
        reservations.decide(
            view, request.getName(), source.image(), hosts -> placement.placeClone(wanted, hosts));
    try {
      return switch (reserved.decision()) {
        case Decision.Rejected rejected ->
            throw Rejections.exception(
                takers.named(view, wanted, rejected), "a clone of " + source.name());
        case Decision.Placed placed -> {
          CloneRecord draft = draft(view, request, source, life, placed, received);
          Txn txn = source.unchangedIn(CloneDrafts.create(Txn.begin(), draft));
          yield write(view, Keys.clone(request.getName()), txn);
        }
      };
    } finally {
      reservations.release(reserved.ticket());
    }
  }

  private CloneRequest wanted(CloneSpec spec, CloneSource source, boolean growth) {
    return new CloneRequest(
        source.image(),
        source.places(),
        source.data().getEngine(),
        source.data().getEngineVersion(),
        optional(spec.getHost()),
        optional(spec.getRuntime()),
        needsContainer(spec),
        spec.getCpuLimitMillis(),
        growth,
        spec.getPort() == 0 ? OptionalInt.empty() : OptionalInt.of(spec.getPort()),
        random.nextInt(Integer.MAX_VALUE / 2));
  }

  private CloneRecord draft(
      View view,
      CreateCloneRequest request,
      CloneSource source,
      CloneWish life,
      Decision.Placed placed,
      Instant received) {
    Meta meta =
        Meta.newBuilder()
            .setName(request.getName())
            .setUid(Uids.next(random))
            .setGeneration(1)
            .setCreateTime(Times.message(received))
            .putAllLabels(request.getLabelsMap())
            .build();
    CloneAssignment assignment =
        CloneDrafts.placed(view, placed, passwords.next())
            .setImage(source.image())
            .setRevision(source.revision())
            .setData(source.data())
            .setSnapshot(source.snapshot())
            .setOrigin(source.name())
            .setVolume(CloneRecords.hostId(meta))
            .build();
    return CloneRecord.newBuilder()
        .setMeta(meta)
        .setSpec(request.getSpec())
        .setAssignment(assignment)
        .setWish(
            CloneGrowth.with(
                life, request, growth, HostViews.tellsGrowth(view, placed.host(), placed.pool())))
        .setAskedLifetime(request.getLifetime())
        .setAskedGrowthLimitBytes(request.getGrowthLimitBytes())
        .setStatus(CloneDrafts.pending(received, records.now()))
        .build();
  }

  private Optional<Clone> write(View view, Key<CloneRecord> key, Txn txn) {
    return switch (records.commit(txn, WRITE_WITHIN)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(CloneMessages.clone(view, committed.written(key)));
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private static Optional<String> optional(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
