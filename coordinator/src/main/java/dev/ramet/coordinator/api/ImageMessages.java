package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.WarmPools;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageEvent;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.WarmPool;
import java.time.Instant;
import java.util.List;

/** Images and revisions as users see them. */
final class ImageMessages {
  private ImageMessages() {}

  static Image image(View view, Versioned<ImageRecord> record, Instant now) {
    ImageRecord stored = record.value();
    String name = stored.getMeta().getName();
    List<Versioned<RevisionRecord>> revisions = view.list(Kind.REVISION, name);
    Image.Builder image = Image.newBuilder();
    if (stored.hasWarm()) {
      image.setWarm(warm(view, stored, now));
    }
    if (stored.hasLifetime()) {
      image.setLifetime(stored.getLifetime());
    }
    return image
        .setName(name)
        .setDescription(stored.getDescription())
        .putAllLabels(stored.getMeta().getLabelsMap())
        .setEngine(stored.getEngine())
        .setLatest(
            RevisionRecords.latest(view, name)
                .map(revision -> revision.value().getNumber())
                .orElse(0L))
        .addAllRevisions(
            revisions.reversed().stream().map(revision -> revision(revision.value())).toList())
        .setCreateTime(stored.getMeta().getCreateTime())
        .setEtag(Etags.of(record))
        .build();
  }

  private static WarmPool warm(View view, ImageRecord image, Instant now) {
    String name = image.getMeta().getName();
    int ready =
        RevisionRecords.latest(view, name)
            .map(latest -> WarmPools.ready(view, name, latest.value().getNumber()).size())
            .orElse(0);
    return image.getWarm().toBuilder()
        .setWanted(WarmPools.wanted(view, image, now))
        .setReady(ready)
        .build();
  }

  static Revision revision(RevisionRecord stored) {
    Revision.Builder revision =
        Revision.newBuilder()
            .setImage(stored.getImage())
            .setNumber(stored.getNumber())
            .setState(RevisionRecords.shown(RevisionRecords.state(stored)))
            .setEngine(stored.getEngine())
            .setEngineVersion(stored.getEngineVersion())
            .setSource(stored.getSourceDescription())
            .setDatabase(stored.getDatabase())
            .addAllDatabases(stored.getDatabasesList())
            .setVolumeBytes(stored.getVolumeBytes())
            .setDataBytes(stored.getDataBytes())
            .addAllReplicas(stored.getReplicasList())
            .setCreateTime(stored.getMeta().getCreateTime())
            .setOperation(stored.getOperation());
    if (stored.hasFailure()) {
      revision.setFailure(stored.getFailure());
    }
    if (stored.hasReadyTime()) {
      revision.setReadyTime(stored.getReadyTime());
    }
    return revision.build();
  }

  static ImageEvent gone(String name) {
    return ImageEvent.newBuilder()
        .setImage(Image.newBuilder().setName(name))
        .setDeleted(true)
        .build();
  }
}
