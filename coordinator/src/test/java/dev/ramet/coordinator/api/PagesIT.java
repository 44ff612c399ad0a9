package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.detail;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.ListHostsRequest;
import dev.ramet.proto.v1.ListHostsResponse;
import dev.ramet.proto.v1.ListImagesRequest;
import dev.ramet.proto.v1.ListImagesResponse;
import dev.ramet.proto.v1.ListOperationsRequest;
import dev.ramet.proto.v1.ListOperationsResponse;
import dev.ramet.proto.v1.ListRevisionsRequest;
import dev.ramet.proto.v1.ListRevisionsResponse;
import dev.ramet.proto.v1.Operation;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The five lists in pages, over records that lie in etcd; nothing works on them meanwhile. */
@Timeout(60)
class PagesIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private CoordinatorLab lab;

  /** A page as its reader sees it. */
  private record Page(List<String> names, String next) {}

  /** The lists, each with records that are numbered in the list's own order. */
  enum Listing {
    CLONES {
      @Override
      Page page(CoordinatorLab lab, int size, String token) {
        ListClonesResponse answer =
            lab.clones()
                .listClones(
                    ListClonesRequest.newBuilder().setPageSize(size).setPageToken(token).build());
        return new Page(
            answer.getClonesList().stream().map(Clone::getName).toList(),
            answer.getNextPageToken());
      }

      @Override
      Txn record(Txn txn, int n) {
        CloneRecord.Builder clone = CloneRecord.newBuilder().setMeta(meta(n));
        clone.getAssignmentBuilder().setHost("host-a");
        clone.getStatusBuilder().setState(Clone.State.PENDING);
        return txn.create(Keys.clone(named(n)), clone.build());
      }

      @Override
      Key<?> key(int n) {
        return Keys.clone(named(n));
      }
    },
    IMAGES {
      @Override
      Page page(CoordinatorLab lab, int size, String token) {
        ListImagesResponse answer =
            lab.images()
                .listImages(
                    ListImagesRequest.newBuilder().setPageSize(size).setPageToken(token).build());
        return new Page(
            answer.getImagesList().stream().map(Image::getName).toList(),
            answer.getNextPageToken());
      }

      @Override
      Txn record(Txn txn, int n) {
        return txn.create(Keys.image(named(n)), ImageRecord.newBuilder().setMeta(meta(n)).build());
      }

      @Override
      Key<?> key(int n) {
        return Keys.image(named(n));
      }
    },
    REVISIONS {
      @Override
      Page page(CoordinatorLab lab, int size, String token) {
        ListRevisionsResponse answer =
            lab.images()
                .listRevisions(
                    ListRevisionsRequest.newBuilder()
                        .setImage("app")
                        .setPageSize(size)
                        .setPageToken(token)
                        .build());
        return new Page(
            answer.getRevisionsList().stream()
                .map(revision -> named((int) revision.getNumber()))
                .toList(),
            answer.getNextPageToken());
      }

      @Override
      Txn record(Txn txn, int n) {
        return txn.create(
            Keys.revision("app", n),
            RevisionRecord.newBuilder().setMeta(meta(n)).setImage("app").setNumber(n).build());
      }

      @Override
      Key<?> key(int n) {
        return Keys.revision("app", n);
      }
    },
    HOSTS {
      @Override
      Page page(CoordinatorLab lab, int size, String token) {
        ListHostsResponse answer =
            lab.hosts()
                .listHosts(
                    ListHostsRequest.newBuilder().setPageSize(size).setPageToken(token).build());
        return new Page(
            answer.getHostsList().stream().map(Host::getName).toList(), answer.getNextPageToken());
      }

      @Override
      Txn record(Txn txn, int n) {
        return txn.create(Keys.host(named(n)), HostRecord.newBuilder().setMeta(meta(n)).build());
      }

      @Override
      Key<?> key(int n) {
        return Keys.host(named(n));
      }
    },
    OPERATIONS {
      @Override
      Page page(CoordinatorLab lab, int size, String token) {
        ListOperationsResponse answer =
            lab.operations()
                .listOperations(
                    ListOperationsRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .build());
        return new Page(
            answer.getOperationsList().stream().map(Operation::getId).toList(),
            answer.getNextPageToken());
      }

      /** Newest first: a greater number is an older one. */
      @Override
      Txn record(Txn txn, int n) {
        Operation.Builder operation = Operation.newBuilder().setId(named(n)).setDone(true);
        operation.getCreateTimeBuilder().setSeconds(1_800_000_000 - n);
        return txn.create(
            Keys.operation(named(n)),
            OperationRecord.newBuilder().setMeta(meta(n)).setOperation(operation).build());
      }

      @Override
      Key<?> key(int n) {
        return Keys.operation(named(n));
      }
    };

    abstract Page page(CoordinatorLab lab, int size, String token);

    abstract Txn record(Txn txn, int n);

    abstract Key<?> key(int n);
  }

  private static String named(int n) {
    return "n%02d".formatted(n);
  }

  private static Meta meta(int n) {
    return Meta.newBuilder().setName(named(n)).setUid(named(n)).build();
  }

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void write(Txn txn) {
    long revision =
        switch (lab.etcd().store().commit(txn)) {
          case Outcome.Committed done -> done.revision();
          case Outcome other -> throw new AssertionError("not written: " + other);
        };
    CoordinatorLab.eventually("seen", () -> lab.etcd().informer().view().revision() >= revision);
  }

  private void fill(Listing listing, int... numbers) {
    if (listing == Listing.REVISIONS) {
      write(
          Txn.begin()
              .create(
                  Keys.image("app"),
                  ImageRecord.newBuilder().setMeta(Meta.newBuilder().setName("app")).build()));
    }
    for (int n : numbers) {
      write(listing.record(Txn.begin(), n));
    }
  }

  private List<String> rest(Listing listing, Page first, int size) {
    List<String> names = new ArrayList<>(first.names());
    String token = first.next();
    while (!token.isEmpty()) {
      Page page = listing.page(lab, size, token);
      assertThat(page.names()).isNotEmpty().hasSizeLessThanOrEqualTo(size);
      names.addAll(page.names());
      token = page.next();
    }
    return names;
  }

  @ParameterizedTest
  @EnumSource
  void allPagesTogetherAreTheListInItsOrder(Listing listing) {
    fill(listing, 7, 3, 1, 9, 5);
    assertThat(rest(listing, listing.page(lab, 2, ""), 2))
        .containsExactly("n01", "n03", "n05", "n07", "n09");
    assertThat(listing.page(lab, 5, "").next()).as("no empty page at the end").isEmpty();
    assertThat(listing.page(lab, 0, "").names()).hasSize(5);
  }

  /** The item that the token stands at goes, others come before and after it. */
  @ParameterizedTest
  @EnumSource
  void aPageGoesOnWhereTheOneBeforeEndedWhateverChanged(Listing listing) {
    fill(listing, 1, 3, 5, 7);
    Page first = listing.page(lab, 2, "");
    assertThat(first.names()).containsExactly("n01", "n03");
    write(Txn.begin().delete(lab.etcd().store().get(listing.key(3)).orElseThrow()));
    write(listing.record(Txn.begin(), 2));
    write(listing.record(Txn.begin(), 4));
    assertThat(rest(listing, first, 2))
        .as("each once; what came behind the reader is not his any more")
        .containsExactly("n01", "n03", "n04", "n05", "n07");
  }

  @ParameterizedTest
  @EnumSource
  void aTokenThatIsNotOfThisListIsRefused(Listing listing) {
    fill(listing, 1, 2);
    for (Listing other : Listing.values()) {
      if (other != listing) {
        fill(other, 1, 2);
        assertTokenRefused(listing, other.page(lab, 1, "").next());
      }
    }
    String own = listing.page(lab, 1, "").next();
    assertTokenRefused(listing, "n01");
    assertTokenRefused(listing, "!");
    assertTokenRefused(listing, "x" + own.substring(1));
    assertTokenRefused(listing, own.substring(0, 8));
  }

  private void assertTokenRefused(Listing listing, String token) {
    assertThat(token).isNotEmpty();
    StatusRuntimeException error = refused(() -> listing.page(lab, 1, token));
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(detail(error, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("page_token");
  }

  @ParameterizedTest
  @EnumSource
  void aPageHasAHundredItemsUnlessToldAndAThousandAtMost(Listing listing) {
    fill(listing, IntStream.rangeClosed(1, 99).toArray());
    assertThat(listing.page(lab, 0, "").next()).isEmpty();
    write(listing.record(Txn.begin(), 100));
    write(listing.record(Txn.begin(), 101));
    assertThat(listing.page(lab, 0, "").names()).hasSize(100);
    assertThat(listing.page(lab, 0, "").next()).isNotEmpty();
    assertThat(listing.page(lab, 1000, "").names()).hasSize(101);
    for (int size : new int[] {-1, 1001}) {
      StatusRuntimeException error = refused(() -> listing.page(lab, size, ""));
      assertRefused(error, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    }
  }
}
