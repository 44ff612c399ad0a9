package dev.ramet.storage;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A volume as it is.
 *
 * @param id its id
 * @param origin the snapshot it was cloned from, null for a first volume
 * @param size virtual size
 * @param limit the most its file system may hold, null where that is its size
 * @param attachment null while it is detached
 */
public record Volume(
    VolumeId id,
    @Nullable SnapshotId origin,
    ByteSize size,
    @Nullable ByteSize limit,
    @Nullable Attachment attachment) {

  /** What it was cloned from, if it was. */
  public Optional<SnapshotId> originIfAny() {
    return Optional.ofNullable(origin);
  }

  /** Its limit, if it has one. */
  public Optional<ByteSize> limitIfAny() {
    return Optional.ofNullable(limit);
  }

  /** Where it is attached, if it is. */
  public Optional<Attachment> attachmentIfAny() {
    return Optional.ofNullable(attachment);
  }
}
