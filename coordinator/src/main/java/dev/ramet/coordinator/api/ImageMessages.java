package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageEvent;
import dev.ramet.proto.v1.Revision;
import java.util.List;

/** Images and revisions as users see them. */
final class ImageMessages {
  private ImageMessages() {}

  static Image image(View view, Versioned<ImageRecord> record) {
    ImageRecord stored = record.value();
    String name = stored.getMeta().getName();
    List<Versioned<RevisionRecord>> revisions = view.list(Kind.REVISION, name);
    return Image.newBuilder()
        .setName(name)
        .setDescription(stored.getDescription())
        .putAllLabels(stored.getMeta().getLabelsMap())
        .setEngine(stored.getEngine())
        .setLatest(
            Lookups.latest(view, name).map(revision -> revision.value().getNumber()).orElse(0L))
        .addAllRevisions(
            revisions.reversed().stream().map(revision -> revision(revision.value())).toList())
        .setCreateTime(stored.getMeta().getCreateTime())
        .setEtag(Etags.of(record))
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
