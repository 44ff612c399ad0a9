package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.SourceFound;
import dev.ramet.coordinator.names.DnsLabel;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.names.SanSource;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.placement.BuildRequest;
import dev.ramet.coordinator.placement.Candidate;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.HostView;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ArrayRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SecretRecord;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides on a build and records it. The source is looked at first, on the host that would build:
 * what cannot work is refused at once, with nothing recorded.
 */
final class ImageBuilds {
  private static final Duration WRITE_WITHIN = Duration.ofSeconds(3);
  private static final Pattern ENGINE =
      Pattern.compile("[a-z][a-z0-9]{0,31}(:[0-9]{1,4}(\\.[0-9]{1,4})?)?");
  private static final String DEFAULT_ENGINE = "postgres";
  private static final String LUN_DRIVER = "iscsi";
  private static final int MAX_SOURCE = 8192;
  private static final int MAX_DESCRIPTION = 2000;
  private static final int MAX_ATTEMPTS = 8;

  /** Where it will be built, and what from. */
  private record Prepared(
      Decision.Placed place, SourceFound source, String engine, Optional<SanSource> san) {
    String pool() {
      return san.map(found -> new SanPool(found.array(), place.pool()).text()).orElse(place.pool());
    }
  }

  private final Records records;
  private final Agents agents;
  private final Placement placement;
  private final VolumeSizing sizing;
  private final SecureRandom random = new SecureRandom();

  ImageBuilds(Records records, Agents agents, Placement placement, VolumeSizing sizing) {
    this.records = records;
    this.agents = agents;
    this.placement = placement;
    this.sizing = sizing;
  }

  Operation build(BuildImageRequest request) {
    check(request);
    Optional<Operation> earlier = earlier(records.view(), request);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    if (!request.getHost().isEmpty()) {
      Lookups.requireHost(records.view(), request.getHost());
    }
    refuseConflict(records.view(), request);
    Prepared prepared = prepare(request);
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Operation> recorded = record(request, prepared);
      if (recorded.isPresent()) {
        return recorded.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "image %s is being changed by others: try again".formatted(request.getName()));
  }

  private static void check(BuildImageRequest request) {
    new RequestCheck()
        .name("name", request.getName())
        .require(!request.getSource().isEmpty(), "source", "is missing")
        .require(
            request.getSource().length() <= MAX_SOURCE && RequestCheck.isPlain(request.getSource()),
            "source",
            "is too long or has control characters")
        .require(
            !SanSource.is(request.getSource())
                || SanSource.parse(request.getSource())
                    .filter(source -> source.volumes().size() == 1)
                    .isPresent(),
            "source",
            "is not 'san://ARRAY/VOLUME', one volume of an array")
        .require(
            request.getEngine().isEmpty() || ENGINE.matcher(request.getEngine()).matches(),
            "engine",
            "%s is neither 'engine' nor 'engine:version'"
                .formatted(DnsLabel.quote(request.getEngine())))
        .nameOrEmpty("host", request.getHost())
        .notNegative("replicas", request.getReplicas())
        .plainText("description", request.getDescription(), MAX_DESCRIPTION)
        .plainText("database", request.getDatabase(), 63)
        .labels("labels", request.getLabelsMap())
        .uuidOrEmpty("request_id", request.getRequestId())
        .done();
  }

  /** The operation of the same request, where it came before. */
  private static Optional<Operation> earlier(View view, BuildImageRequest request) {
    if (request.getRequestId().isEmpty()) {
      return Optional.empty();
    }
    for (Versioned<RevisionRecord> revision : view.list(Kind.REVISION, request.getName())) {
      if (revision.value().getRequestId().equals(request.getRequestId())) {
        if (!revision.value().getRequestDigest().equals(digest(request))) {
          throw ErrorCode.REQUEST_ID_REUSED.exception(
              "request_id %s was used for another build of %s: take a new one"
                  .formatted(request.getRequestId(), RevisionRecords.name(revision.value())));
        }
        return view.get(Keys.operation(revision.value().getOperation()))
            .map(operation -> operation.value().getOperation());
      }
    }
    return Optional.empty();
  }

  private static void refuseConflict(View view, BuildImageRequest request) {
    Optional<ImageRecord> image = view.get(Keys.image(request.getName())).map(Versioned::value);
    if (image.isEmpty()) {
      return;
    }
    Lookups.requireKept(
        image.get().getMeta().hasDeleteTime(), "image '%s'".formatted(request.getName()));
    if (!image.get().getEngine().equals(engineName(request))) {
      throw ErrorCode.IMAGE_ENGINE_DIFFERS.exception(
          "image %s is of engine %s, not %s: take another name"
              .formatted(request.getName(), image.get().getEngine(), engineName(request)));
    }
  }

  /** Chooses a host, looks at the source there, and checks that the host can hold and run it. */
  private Prepared prepare(BuildImageRequest request) {
    if (SanSource.is(request.getSource())) {
      return prepareOnArray(request);
    }
    View view = records.view();
    List<HostView> hosts = HostViews.of(view, List.of());
    String engine = engineName(request);
    Optional<String> host =
        request.getHost().isEmpty() ? Optional.empty() : Optional.of(request.getHost());
    BuildRequest first =
        new BuildRequest(Optional.of(engine), engineVersion(request), host, Optional.empty(), 0);
    Decision decision = placement.placeBuild(first, hosts);
    String what = "a build of image " + request.getName();
    if (decision instanceof Decision.Rejected rejected) {
      throw Rejections.exception(rejected, what);
    }
    Found found = probe(view, request, decision);
    // A path means a file of that very host; a server can be reached from any.
    boolean tied = host.isPresent() || isPath(request);
    BuildRequest second =
        new BuildRequest(
            Optional.of(engine),
            found.source().engineVersion(),
            tied ? Optional.of(found.host()) : Optional.empty(),
            Optional.empty(),
            found.source().dataBytes());
    return switch (placement.placeBuild(second, hosts)) {
      case Decision.Rejected rejected -> throw Rejections.exception(rejected, what);
      case Decision.Placed placed -> new Prepared(placed, found.source(), engine, Optional.empty());
    };
  }

  /** Any host that can attach the array's volumes; what they hold is seen when one did. */
  private Prepared prepareOnArray(BuildImageRequest request) {
    View view = records.view();
    SanSource source = SanSource.parse(request.getSource()).orElseThrow();
    if (view.get(Keys.array(source.array())).isEmpty()) {
      throw ErrorCode.ARRAY_NOT_FOUND.exception(
          "there is no array '%s': ramet array ls".formatted(source.array()));
    }
    String engine = engineName(request);
    BuildRequest build =
        new BuildRequest(
            Optional.of(engine),
            engineVersion(request),
            request.getHost().isEmpty() ? Optional.empty() : Optional.of(request.getHost()),
            Optional.of(LUN_DRIVER),
            0);
    return switch (placement.placeBuild(build, HostViews.of(view, List.of()))) {
      case Decision.Rejected rejected ->
          throw Rejections.exception(rejected, "a build of image " + request.getName());
      case Decision.Placed placed ->
          new Prepared(
              placed,
              new SourceFound(engine, engineVersion(request), 0, request.getSource()),
              engine,
              Optional.of(source));
    };
  }

  /** A source and the host that sees it. */
  private record Found(String host, SourceFound source) {}

  /** Asks the best host; for a file, where none was asked for, the others too. */
  private Found probe(View view, BuildImageRequest request, Decision decision) {
    List<String> candidates =
        decision.table().stream()
            .filter(line -> line.refusal().isEmpty())
            .map(Candidate::host)
            .limit(isPath(request) ? Long.MAX_VALUE : 1)
            .toList();
    String engine = request.getEngine().isEmpty() ? DEFAULT_ENGINE : request.getEngine();
    for (String host : candidates) {
      try {
        return new Found(
            host, agents.of(view, host).probe(engine, new Secret(request.getSource())));
      } catch (AgentException error) {
        boolean elsewhere =
            error.fault().code().equals("SOURCE_NOT_FOUND") && !host.equals(candidates.getLast());
        if (!elsewhere) {
          throw error;
        }
      }
    }
    throw new IllegalStateException("placement gave no candidate");
  }

  /**
   * Empty: something changed meanwhile, look again. The same request may have come again while this
   * one looked at the source; every build writes the image, so one of them meets a conflict.
   */
  private Optional<Operation> record(BuildImageRequest request, Prepared prepared) {
    View view = records.view();
    Optional<Operation> meanwhile = earlier(view, request);
    if (meanwhile.isPresent()) {
      return meanwhile;
    }
    refuseConflict(view, request);
    Instant now = records.now();
    Key<ImageRecord> imageKey = Keys.image(request.getName());
    Optional<Versioned<ImageRecord>> image = view.get(imageKey);
    long number = image.map(found -> found.value().getNextRevision()).orElse(1L);
    String operationId = Operations.newId();
    RevisionRecord revision = revision(request, prepared, number, operationId, now);
    OperationRecord operation = operation(operationId, RevisionRecords.name(revision), now);
    Txn txn =
        image.isPresent()
            ? Txn.begin().update(image.get(), nextImage(image.get().value(), request, number))
            : Txn.begin().create(imageKey, newImage(request, prepared, now));
    txn =
        txn.create(Keys.revision(request.getName(), number), revision)
            .create(Keys.operation(operationId), operation)
            .create(
                Keys.secret(operationId),
                SecretRecord.newBuilder().setSource(request.getSource()).build());
    if (prepared.san().isPresent()) {
      txn = used(view, txn, prepared.san().get().array());
    }
    return switch (records.commit(txn, WRITE_WITHIN)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(operation.getOperation());
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  /** Whoever removes the array at this moment meets a conflict, or this build does. */
  private static Txn used(View view, Txn txn, String name) {
    Versioned<ArrayRecord> array =
        view.get(Keys.array(name))
            .orElseThrow(() ->
                ErrorCode.ARRAY_NOT_FOUND.exception("there is no array '%s'".formatted(name)));
    ArrayRecord.Builder next = array.value().toBuilder();
    next.getMetaBuilder().setGeneration(next.getMeta().getGeneration() + 1);
    return txn.update(array, next.build());
  }

  private RevisionRecord revision(
      BuildImageRequest request, Prepared prepared, long number, String operation, Instant now) {
    return RevisionRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(request.getName() + "-" + number)
                .setUid(Uids.next(random))
                .setGeneration(1)
                .setCreateTime(Times.message(now)))
        .setImage(request.getName())
        .setNumber(number)
        .setEngine(prepared.engine())
        .setEngineVersion(prepared.source().engineVersion())
        .setSourceDescription(prepared.source().description())
        .setRequestedDatabase(request.getDatabase())
        .setReplicasWanted(prepared.san().isPresent() ? 1 : request.getReplicas())
        .setBuildHost(prepared.place().host())
        .setBuildPool(prepared.pool())
        .addAllArrayVolumes(prepared.san().map(SanSource::volumes).orElse(List.of()))
        .setRuntime(prepared.place().runtime())
        .setOperation(operation)
        .setRequestId(request.getRequestId())
        .setRequestDigest(digest(request))
        .setState(Revision.State.BUILDING)
        .setVolumeBytes(
            prepared.san().isPresent() ? 0 : sizing.sizeFor(prepared.source().dataBytes()))
        .build();
  }

  private static ImageRecord newImage(BuildImageRequest request, Prepared prepared, Instant now) {
    return ImageRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(request.getName())
                .setUid(Uids.next(new SecureRandom()))
                .setGeneration(1)
                .setCreateTime(Times.message(now))
                .putAllLabels(request.getLabelsMap()))
        .setDescription(request.getDescription())
        .setEngine(prepared.engine())
        .setNextRevision(2)
        .build();
  }

  /**
   * A later build may change what is said of the image, and leaves alone what it does not speak of.
   */
  private static ImageRecord nextImage(ImageRecord image, BuildImageRequest request, long number) {
    ImageRecord.Builder next = image.toBuilder().setNextRevision(number + 1);
    if (!request.getDescription().isEmpty()) {
      next.setDescription(request.getDescription());
    }
    next.getMetaBuilder().putAllLabels(request.getLabelsMap());
    return next.build();
  }

  private static OperationRecord operation(String id, String target, Instant now) {
    return Operations.record(id, Operation.Kind.BUILD_IMAGE, target, now);
  }

  private static boolean isPath(BuildImageRequest request) {
    return !request.getSource().contains("://");
  }

  private static String engineName(BuildImageRequest request) {
    String engine = request.getEngine().isEmpty() ? DEFAULT_ENGINE : request.getEngine();
    int colon = engine.indexOf(':');
    return colon < 0 ? engine : engine.substring(0, colon);
  }

  private static String engineVersion(BuildImageRequest request) {
    int colon = request.getEngine().indexOf(':');
    return colon < 0 ? "" : request.getEngine().substring(colon + 1);
  }

  private static String digest(BuildImageRequest request) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(request.toByteArray()));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
