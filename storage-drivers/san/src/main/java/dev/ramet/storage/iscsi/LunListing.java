package dev.ramet.storage.iscsi;

import dev.ramet.storage.Listing;
import dev.ramet.storage.Listing.Leftover;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One look at everything here: what cannot be read hides nothing else. */
final class LunListing {
  private final Layout layout;
  private final LunTransport transport;
  private final Look look;
  private final List<Volume> volumes = new ArrayList<>();
  private final List<Leftover> leftovers = new ArrayList<>();

  /** How one volume is looked at. */
  @FunctionalInterface
  interface Look {
    Volume at(VolumeId id) throws IOException;
  }

  LunListing(Layout layout, LunTransport transport, Look look) {
    this.layout = layout;
    this.transport = transport;
    this.look = look;
  }

  Listing read() throws IOException {
    for (VolumeId id : layout.ids()) {
      try {
        readVolume(id);
      } catch (IOException | StorageException e) {
        leftover(layout.mount(id), "cannot be read: " + e.getMessage());
      }
    }
    for (Path foreign : layout.foreign()) {
      leftover(foreign, "nothing of this driver; it was put here by somebody else");
    }
    return new Listing(volumes, List.of(), leftovers);
  }

  /** Attached and usable: a volume. All else is what an attach or detach left. */
  private void readVolume(VolumeId id) throws IOException {
    Volume volume = look.at(id);
    if (volume.attachmentIfAny().isPresent()) {
      volumes.add(volume);
      return;
    }
    Optional<String> remains = transport.remains(id);
    leftover(
        layout.lun(id),
        "an attach or detach that was cut short, or a connection that broke%s; detaching %s clears it"
            .formatted(remains.map(words -> " (" + words + ")").orElse(""), id));
  }

  private void leftover(Path path, String reason) {
    leftovers.add(new Leftover(layout.root().relativize(path).toString(), reason));
  }
}
