package dev.ramet.cli;

import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneServiceGrpc.CloneServiceImplBase;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteHostRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.DeleteRevisionRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.DeleteSaveResponse;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.GetHostRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.GetOperationRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.HostServiceGrpc.HostServiceImplBase;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageServiceGrpc.ImageServiceImplBase;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.ListHostsRequest;
import dev.ramet.proto.v1.ListHostsResponse;
import dev.ramet.proto.v1.ListImagesRequest;
import dev.ramet.proto.v1.ListImagesResponse;
import dev.ramet.proto.v1.ListOperationsRequest;
import dev.ramet.proto.v1.ListOperationsResponse;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.ListSavesResponse;
import dev.ramet.proto.v1.LogLines;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.OperationServiceGrpc.OperationServiceImplBase;
import dev.ramet.proto.v1.ReadCloneLogRequest;
import dev.ramet.proto.v1.RenameCloneRequest;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WatchCloneRequest;
import dev.ramet.proto.v1.WatchOperationRequest;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.function.Supplier;

/** The services of {@link FakeCoordinator}. */
final class FakeServices {
  private final FakeCoordinator world;

  FakeServices(FakeCoordinator world) {
    this.world = world;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, Supplier<T> reply) {
    world.requests.add(request);
    StatusRuntimeException error = world.nextError;
    world.nextError = null;
    try {
      if (error != null) {
        throw error;
      }
      observer.onNext(reply.get());
      observer.onCompleted();
    } catch (StatusRuntimeException e) {
      observer.onError(e);
    }
  }

  private static <T> T find(Map<String, T> map, String thing, String name) {
    T found = map.get(name);
    if (found == null) {
      throw FakeCoordinator.notFound(thing, name);
    }
    return found;
  }

  CloneServiceImplBase clones() {
    return new CloneServiceImplBase() {
      @Override
      public void createClone(CreateCloneRequest request, StreamObserver<Clone> observer) {
        answer(
            request,
            observer,
            () -> {
              if (world.createError != null) {
                throw world.createError;
              }
              return world.clones.computeIfAbsent(
                  request.getName(),
                  name ->
                      Examples.pending(name).toBuilder()
                          .setSpec(request.getSpec())
                          .clearLabels()
                          .putAllLabels(request.getLabelsMap())
                          .build());
            });
      }

      @Override
      public void getClone(GetCloneRequest request, StreamObserver<Clone> observer) {
        answer(
            request,
            observer,
            () -> {
              Clone clone = world.clones.get(request.getName());
              if (clone == null) {
                throw world.noClone(request.getName());
              }
              return clone;
            });
      }

      @Override
      public void listClones(
          ListClonesRequest request, StreamObserver<ListClonesResponse> observer) {
        answer(
            request,
            observer,
            () -> ListClonesResponse.newBuilder().addAllClones(world.clones.values()).build());
      }

      @Override
      public void renameClone(RenameCloneRequest request, StreamObserver<Clone> observer) {
        answer(
            request,
            observer,
            () -> {
              Clone clone =
                  find(world.clones, "clone", request.getName()).toBuilder()
                      .setName(request.getNewName())
                      .build();
              world.clones.remove(request.getName());
              world.clones.put(clone.getName(), clone);
              return clone;
            });
      }

      @Override
      public void deleteClone(DeleteCloneRequest request, StreamObserver<Clone> observer) {
        answer(
            request,
            observer,
            () -> {
              Clone clone =
                  world.clonesStay
                      ? world.clones.get(request.getName())
                      : world.clones.remove(request.getName());
              return clone == null
                  ? Clone.getDefaultInstance()
                  : clone.toBuilder().setState(Clone.State.DELETING).build();
            });
      }

      @Override
      public void watchClone(WatchCloneRequest request, StreamObserver<CloneEvent> observer) {
        world.requests.add(request);
        Clone now = world.clones.get(request.getName());
        if (now == null) {
          observer.onError(FakeCoordinator.notFound("clone", request.getName()));
          return;
        }
        for (Clone state : world.cloneStates) {
          Clone next = state.toBuilder().setName(now.getName()).setUid(now.getUid()).build();
          world.clones.put(now.getName(), next);
          observer.onNext(CloneEvent.newBuilder().setClone(next).build());
        }
        if (world.clonesGoInTheEnd) {
          world.clones.remove(now.getName());
          observer.onNext(CloneEvent.newBuilder().setClone(now).setDeleted(true).build());
          observer.onCompleted();
        }
      }

      @Override
      public void listSaves(ListSavesRequest request, StreamObserver<ListSavesResponse> observer) {
        answer(
            request,
            observer,
            () -> ListSavesResponse.newBuilder().addAllSaves(world.saves).build());
      }

      @Override
      public void deleteSave(
          DeleteSaveRequest request, StreamObserver<DeleteSaveResponse> observer) {
        answer(
            request,
            observer,
            () ->
                DeleteSaveResponse.newBuilder()
                    .setMissing(
                        !world.saves.removeIf(save ->
                            save.getClone().equals(request.getClone())
                                && save.getName().equals(request.getName())))
                    .build());
      }

      @Override
      public void readCloneLog(ReadCloneLogRequest request, StreamObserver<LogLines> observer) {
        answer(
            request,
            observer,
            () -> {
              find(world.clones, "clone", request.getName());
              return LogLines.newBuilder().addLines("LOG:  ready").addLines("LOG:  done").build();
            });
      }
    };
  }

  ImageServiceImplBase images() {
    return new ImageServiceImplBase() {
      @Override
      public void buildImage(BuildImageRequest request, StreamObserver<Operation> observer) {
        answer(
            request,
            observer,
            () -> {
              world.images.put("app", Examples.image());
              return world.operationStates.get(0);
            });
      }

      @Override
      public void getImage(GetImageRequest request, StreamObserver<Image> observer) {
        answer(request, observer, () -> find(world.images, "image", request.getName()));
      }

      @Override
      public void updateImage(UpdateImageRequest request, StreamObserver<Image> observer) {
        answer(
            request,
            observer,
            () ->
                find(world.images, "image", request.getImage().getName()).toBuilder()
                    .setLifetime(request.getImage().getLifetime())
                    .build());
      }

      @Override
      public void getRevision(GetRevisionRequest request, StreamObserver<Revision> observer) {
        answer(
            request,
            observer,
            () ->
                find(world.images, "image", request.getImage()).getRevisionsList().stream()
                    .filter(revision -> revision.getNumber() == request.getNumber())
                    .findFirst()
                    .orElseThrow(() ->
                        FakeCoordinator.notFound(
                            "revision", request.getImage() + ":" + request.getNumber())));
      }

      @Override
      public void listImages(
          ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
        answer(
            request,
            observer,
            () -> ListImagesResponse.newBuilder().addAllImages(world.images.values()).build());
      }

      @Override
      public void deleteImage(DeleteImageRequest request, StreamObserver<Operation> observer) {
        answer(
            request,
            observer,
            () -> {
              if (world.deletionError != null) {
                throw world.deletionError;
              }
              world.images.remove(request.getName());
              return world.deletion;
            });
      }

      @Override
      public void deleteRevision(
          DeleteRevisionRequest request, StreamObserver<Operation> observer) {
        answer(request, observer, () -> world.deletion);
      }
    };
  }

  HostServiceImplBase hosts() {
    return new HostServiceImplBase() {
      @Override
      public void getHost(GetHostRequest request, StreamObserver<Host> observer) {
        answer(request, observer, () -> find(world.hosts, "host", request.getName()));
      }

      @Override
      public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> observer) {
        answer(
            request,
            observer,
            () -> ListHostsResponse.newBuilder().addAllHosts(world.hosts.values()).build());
      }

      @Override
      public void updateHost(UpdateHostRequest request, StreamObserver<Host> observer) {
        answer(
            request,
            observer,
            () -> {
              String name = request.getHost().getName();
              Host host =
                  find(world.hosts, "host", name).toBuilder()
                      .setCordoned(request.getHost().getCordoned())
                      .build();
              world.hosts.put(name, host);
              return host;
            });
      }

      @Override
      public void deleteHost(DeleteHostRequest request, StreamObserver<Operation> observer) {
        answer(
            request,
            observer,
            () -> {
              if (!request.getForce() && world.deletionError != null) {
                throw world.deletionError;
              }
              world.hosts.remove(request.getName());
              return Examples.deletion("op-4");
            });
      }
    };
  }

  OperationServiceImplBase operations() {
    return new OperationServiceImplBase() {
      @Override
      public void getOperation(GetOperationRequest request, StreamObserver<Operation> observer) {
        answer(request, observer, () -> find(world.operations, "operation", request.getId()));
      }

      @Override
      public void listOperations(
          ListOperationsRequest request, StreamObserver<ListOperationsResponse> observer) {
        answer(
            request,
            observer,
            () ->
                ListOperationsResponse.newBuilder()
                    .addAllOperations(world.operations.values())
                    .build());
      }

      @Override
      public void watchOperation(
          WatchOperationRequest request, StreamObserver<Operation> observer) {
        world.requests.add(request);
        for (Operation state : world.operationStates) {
          observer.onNext(state.toBuilder().setId(request.getId()).build());
          if (state.getDone()) {
            observer.onCompleted();
          }
        }
      }
    };
  }
}
