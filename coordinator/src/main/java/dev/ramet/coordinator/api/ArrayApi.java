package dev.ramet.coordinator.api;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ArrayRecord;
import dev.ramet.proto.store.v1.ArraySecretRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.v1.Array;
import dev.ramet.proto.v1.ArrayServiceGrpc;
import dev.ramet.proto.v1.CreateArrayRequest;
import dev.ramet.proto.v1.DeleteArrayRequest;
import dev.ramet.proto.v1.DeleteArrayResponse;
import dev.ramet.proto.v1.GetArrayRequest;
import dev.ramet.proto.v1.ListArraysRequest;
import dev.ramet.proto.v1.ListArraysResponse;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.san.ArrayListing;
import dev.ramet.storage.san.ArrayStatus;
import dev.ramet.storage.san.StorageArray;
import dev.ramet.storage.san.StorageArrayProvider;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The arrays' part of the public API. */
public final class ArrayApi extends ArrayServiceGrpc.ArrayServiceImplBase {
  private static final Duration WRITE_WITHIN = Duration.ofSeconds(3);
  private static final int MAX_ATTEMPTS = 8;
  private static final int MAX_TEXT = 1024;
  private static final int KEY_BYTES = 32;
  private static final int MAX_NAMED = 10;

  private final Records records;
  private final Arrays arrays;
  private final SecureRandom random = new SecureRandom();

  public ArrayApi(Records records, Arrays arrays) {
    this.records = records;
    this.arrays = arrays;
  }

  @Override
  public void createArray(CreateArrayRequest request, StreamObserver<Array> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          check(asked);
          requireUsable(asked);
          for (int i = 0; i < MAX_ATTEMPTS; i++) {
            View view = records.view();
            Optional<Versioned<ArrayRecord>> existing = view.get(Keys.array(asked.getName()));
            existing.ifPresent(found -> requireSame(found.value(), asked));
            if (write(asked, existing)) {
              return described(
                  records.view(), records.view().get(Keys.array(asked.getName())).orElseThrow());
            }
          }
          throw ErrorCode.CONCURRENT_CHANGE.exception(
              "array %s is being changed by others: try again".formatted(asked.getName()));
        });
  }

  private void check(CreateArrayRequest asked) {
    RequestCheck check =
        new RequestCheck()
            .name("name", asked.getName())
            .require(
                arrays.provider(asked.getDriver()).isPresent(),
                "driver",
                "'%s' is none of %s".formatted(asked.getDriver(), arrays.drivers()))
            .require(!asked.getEndpoint().isEmpty(), "endpoint", "is missing")
            .plainText("endpoint", asked.getEndpoint(), MAX_TEXT);
    asked
        .getOptionsMap()
        .forEach((key, value) -> check.plainText("options." + key, value, MAX_TEXT));
    check.done();
    secrets(asked, arrays.provider(asked.getDriver()).orElseThrow());
  }

  private static void secrets(CreateArrayRequest asked, StorageArrayProvider provider) {
    RequestCheck check = new RequestCheck();
    List<String> wanted = provider.secrets();
    wanted.forEach(name ->
        check.require(
            !asked.getSecretsOrDefault(name, "").isEmpty(), "secrets." + name, "is missing"));
    asked
        .getSecretsMap()
        .keySet()
        .forEach(name ->
            check.require(
                wanted.contains(name),
                "secrets." + name,
                "is not known to the driver %s, which takes %s"
                    .formatted(provider.name(), wanted)));
    check.done();
  }

  /** Asks it, so that a wrong address or secret is told at once, not by the first clone. */
  private void requireUsable(CreateArrayRequest asked) {
    try (StorageArray array =
        arrays.open(
            asked.getName(), record(asked, Meta.getDefaultInstance()), asked.getSecretsMap())) {
      ArrayStatus status = array.status();
      if (!status.healthy()) {
        throw ErrorCode.ARRAY_UNUSABLE.exception(
            "%s: see to it, or to its address and secrets, and add it again"
                .formatted(status.problemIfAny().orElse("it is not healthy")));
      }
    } catch (StorageException error) {
      throw ErrorCode.INVALID_ARGUMENT.exception(String.valueOf(error.getMessage()));
    }
  }

  private static void requireSame(ArrayRecord found, CreateArrayRequest asked) {
    boolean same =
        found.getDriver().equals(asked.getDriver())
            && found.getEndpoint().equals(asked.getEndpoint())
            && found.getOptionsMap().equals(asked.getOptionsMap());
    if (!same) {
      throw ErrorCode.ARRAY_EXISTS.exception(
          "there is an array %s already, of driver %s at %s: take another name, or remove it first"
              .formatted(asked.getName(), found.getDriver(), found.getEndpoint()));
    }
  }

  private boolean write(CreateArrayRequest asked, Optional<Versioned<ArrayRecord>> existing) {
    Optional<Versioned<ArraySecretRecord>> secret =
        records.store().get(Keys.arraySecret(asked.getName()));
    ArraySecretRecord next =
        ArraySecretRecord.newBuilder()
            .setChapKey(secret.map(found -> found.value().getChapKey()).orElseGet(this::newKey))
            .putAllSecrets(asked.getSecretsMap())
            .build();
    Meta meta =
        Meta.newBuilder()
            .setName(asked.getName())
            .setUid(Uids.next(random))
            .setGeneration(1)
            .setCreateTime(Times.message(records.now()))
            .build();
    Txn txn =
        existing.isPresent()
            ? Txn.begin().unchanged(existing.get())
            : Txn.begin().create(Keys.array(asked.getName()), record(asked, meta));
    txn =
        secret.isPresent()
            ? txn.update(secret.get(), next)
            : txn.create(Keys.arraySecret(asked.getName()), next);
    return committed(txn);
  }

  private boolean committed(Txn txn) {
    return switch (records.commit(txn, WRITE_WITHIN)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield true;
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield false;
      }
    };
  }

  private String newKey() {
    byte[] key = new byte[KEY_BYTES];
    random.nextBytes(key);
    return HexFormat.of().formatHex(key);
  }

  private static ArrayRecord record(CreateArrayRequest asked, Meta meta) {
    return ArrayRecord.newBuilder()
        .setMeta(meta)
        .setDriver(asked.getDriver())
        .setEndpoint(asked.getEndpoint())
        .putAllOptions(asked.getOptionsMap())
        .build();
  }

  @Override
  public void getArray(GetArrayRequest request, StreamObserver<Array> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          View view = records.view();
          return withContent(view, require(view, asked.getName()));
        });
  }

  private static Versioned<ArrayRecord> require(View view, String name) {
    return view.get(Keys.array(name))
        .orElseThrow(
            () -> ErrorCode.ARRAY_NOT_FOUND.exception("there is no array '%s'".formatted(name)));
  }

  @Override
  public void listArrays(ListArraysRequest request, StreamObserver<ListArraysResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().pageSize(asked.getPageSize()).done();
          View view = records.view();
          Pages.Cut<Versioned<ArrayRecord>> page =
              Pages.cut(
                  view.list(Kind.ARRAY),
                  array -> array.key().name(),
                  asked.getPageSize(),
                  asked.getPageToken(),
                  ListArraysRequest.getDefaultInstance());
          List<CompletableFuture<Array>> asking =
              page.items().stream()
                  .map(array ->
                      CompletableFuture.supplyAsync(
                          () -> described(view, array), Thread::startVirtualThread))
                  .toList();
          ListArraysResponse.Builder answer =
              ListArraysResponse.newBuilder().setNextPageToken(page.nextToken());
          asking.forEach(one -> answer.addArrays(one.join()));
          return answer.build();
        });
  }

  @Override
  public void deleteArray(
      DeleteArrayRequest request, StreamObserver<DeleteArrayResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          for (int i = 0; i < MAX_ATTEMPTS; i++) {
            Optional<Versioned<ArrayRecord>> found =
                records.view().get(Keys.array(asked.getName()));
            refuseInUse(records.view(), asked.getName());
            if (found.isEmpty() || committed(removal(found.get()))) {
              return DeleteArrayResponse.getDefaultInstance();
            }
          }
          throw ErrorCode.CONCURRENT_CHANGE.exception(
              "array %s is being changed by others: try again".formatted(asked.getName()));
        });
  }

  /** A build writes the array's record, so of the two one meets a conflict. */
  private static void refuseInUse(View view, String name) {
    List<String> users =
        Stream.of(
                view.list(Kind.REVISION).stream()
                    .filter(revision -> isOn(revision.value().getBuildPool(), name))
                    .map(revision -> "image " + RevisionRecords.name(revision.value())),
                view.list(Kind.CLONE).stream()
                    .filter(clone -> isOn(clone.value().getAssignment().getPool(), name))
                    .map(clone -> "clone " + clone.value().getMeta().getName()),
                view.list(Kind.SAVE).stream()
                    .filter(save -> isOn(save.value().getPool(), name))
                    .map(save -> "save " + save.value().getMeta().getName()))
            .flatMap(found -> found)
            .limit(MAX_NAMED)
            .toList();
    if (!users.isEmpty()) {
      throw ErrorCode.ARRAY_IN_USE.exception(
          "array %s holds data of %s: delete them first".formatted(name, String.join(", ", users)));
    }
  }

  private static boolean isOn(String pool, String array) {
    return SanPool.parse(pool).filter(san -> san.array().equals(array)).isPresent();
  }

  private Txn removal(Versioned<ArrayRecord> array) {
    Txn txn = Txn.begin().delete(array);
    Optional<Versioned<ArraySecretRecord>> secret =
        records.store().get(Keys.arraySecret(array.key().name()));
    return secret.isPresent() ? txn.delete(secret.get()) : txn;
  }

  private Array described(View view, Versioned<ArrayRecord> record) {
    String name = record.key().name();
    Array.Builder array =
        Array.newBuilder()
            .setName(name)
            .setDriver(record.value().getDriver())
            .setEndpoint(record.value().getEndpoint())
            .putAllOptions(record.value().getOptionsMap())
            .setCreateTime(record.value().getMeta().getCreateTime());
    try {
      StorageArray opened = arrays.get(view, name);
      ArrayStatus status = opened.status();
      array
          .setHealthy(status.healthy())
          .setProblem(status.problemIfAny().orElse(""))
          .setDescription(status.description())
          .setFreeBytes(status.free().bytes())
          .setTotalBytes(status.total().bytes());
      new TreeSet<>(opened.capabilities())
          .forEach(capability -> array.addCapabilities(capability.name()));
    } catch (StorageException error) {
      array.setProblem(String.valueOf(error.getMessage()));
    }
    return array.build();
  }

  private Array withContent(View view, Versioned<ArrayRecord> record) {
    Array.Builder array = described(view, record).toBuilder();
    if (!array.getHealthy()) {
      return array.build();
    }
    try {
      ArrayListing listing = arrays.get(view, record.key().name()).list();
      listing
          .volumes()
          .forEach(volume ->
              array
                  .addVolumesBuilder()
                  .setId(volume.id().value())
                  .setOrigin(volume.origin().value())
                  .setSizeBytes(volume.size().bytes())
                  .addAllInitiators(volume.initiators()));
      listing
          .snapshots()
          .forEach(snapshot ->
              array
                  .addSnapshotsBuilder()
                  .setId(snapshot.id().value())
                  .setSizeBytes(snapshot.size().bytes()));
    } catch (StorageException error) {
      array.setHealthy(false).setProblem(String.valueOf(error.getMessage()));
    }
    return array.build();
  }
}
