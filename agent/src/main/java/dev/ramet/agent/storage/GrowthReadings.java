package dev.ramet.agent.storage;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How much volumes hold beyond their origins. An exact reading costs a walk over all extents, so it
 * is remembered together with the count of sectors that the kernel has written to the volume's
 * device ({@code /sys/block/loop7/stat}, Documentation/block/stat.rst): what was written since then
 * is the most that the volume can have grown. Forgotten with the agent, which costs one exact
 * reading each.
 *
 * <p>Threads: safe.
 */
public final class GrowthReadings {
  private static final int SECTOR = 512;
  private static final int SECTORS_WRITTEN = 6;

  /** Shares of the limit at which somebody has to know exactly. */
  private static final double[] MARKS = {0.8, 1.0};

  /** Near its limit a volume that changes is read again after this time: it may have shrunk. */
  private static final Duration STALE = Duration.ofSeconds(30);

  private final Path devices;
  private final Pools pools;
  private final InstantSource clock;
  private final Map<String, Reading> readings = new ConcurrentHashMap<>();

  /**
   * Readings of the volumes of these pools.
   *
   * @param devices {@code /sys/block}
   */
  public GrowthReadings(Pools pools, Path devices, InstantSource clock) {
    this.pools = pools;
    this.devices = devices;
    this.clock = clock;
  }

  /**
   * What a volume holds beyond its origin.
   *
   * @param bytes not less than that
   * @param exact whether it is just that
   */
  public record Growth(ByteSize bytes, boolean exact) {}

  /** The counters of a device; binding it anew changes the sequence (diskseq). */
  private record Counters(String sequence, long sectors, String stat) {}

  private record Reading(Counters counters, ByteSize exact, Instant time) {}

  /**
   * Reads one volume; empty where it is not attached, or not there.
   *
   * @param limit that it is held against
   * @throws StorageException {@code UNSUPPORTED} where its driver cannot tell
   */
  public Optional<Growth> read(String pool, String volume, ByteSize limit) {
    CowDriver driver = pools.get(pool).driver();
    VolumeId id = new VolumeId(volume);
    String key = key(pool, volume);
    Optional<Attachment> at = driver.findVolume(id).flatMap(Volume::attachmentIfAny);
    if (at.isEmpty()) {
      readings.remove(key);
      return Optional.empty();
    }
    Counters now = counters(at.get());
    Reading last = readings.get(key);
    if (last == null || isToBeReadAgain(last, now, limit)) {
      last = new Reading(now, driver.growth(id), clock.instant());
      readings.put(key, last);
    }
    long written = now.sectors() - last.counters().sectors();
    return Optional.of(
        new Growth(new ByteSize(last.exact().bytes() + written * SECTOR), written == 0));
  }

  /** What {@link #retain} knows a volume by. */
  public static String key(String pool, String volume) {
    return pool + "/" + volume;
  }

  /** Forgets what was read of all other volumes. */
  public void retain(Set<String> kept) {
    readings.keySet().retainAll(kept);
  }

  private boolean isToBeReadAgain(Reading last, Counters now, ByteSize limit) {
    if (!now.sequence().equals(last.counters().sequence())
        || now.sectors() < last.counters().sectors()) {
      return true;
    }
    long atMost =
        last.exact().bytes() + (now.sectors() - last.counters().sectors()) * (long) SECTOR;
    for (double mark : MARKS) {
      long bytes = (long) (limit.bytes() * mark);
      if (last.exact().bytes() < bytes && bytes <= atMost) {
        return true;
      }
    }
    boolean near = last.exact().bytes() >= (long) (limit.bytes() * MARKS[0]);
    boolean changed = !now.stat().equals(last.counters().stat());
    return near && changed && last.time().plus(STALE).isBefore(clock.instant());
  }

  private Counters counters(Attachment attachment) {
    Path device =
        switch (attachment) {
          case Attachment.BlockDevice block -> block.device();
          case Attachment.Directory _ ->
              throw new StorageException(
                  StorageError.UNSUPPORTED,
                  "growth is only watched on volumes that are devices, and %s is a directory"
                      .formatted(attachment.path()));
        };
    Path folder = devices.resolve(device.getFileName());
    try {
      String stat = Files.readString(folder.resolve("stat")).strip();
      return new Counters(
          device + sequence(folder), Long.parseLong(stat.split("\\s+", -1)[SECTORS_WRITTEN]), stat);
    } catch (IOException | RuntimeException e) {
      throw new StorageException(
          StorageError.DEVICE, "cannot read the counters of %s: %s".formatted(device, e), e);
    }
  }

  /** Since Linux 5.15. */
  private static String sequence(Path folder) throws IOException {
    try {
      return "#" + Files.readString(folder.resolve("diskseq")).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
