package dev.ramet.agent.engine.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where in a volume the parts of a PostgreSQL instance lie, and how far they were brought into our
 * layout. It is written into the volume before the first of them is moved: an adoption that was cut
 * short goes on by it. Places are relative to the volume's root; empty: the root itself.
 *
 * @param request tells one load's arguments from another's
 * @param phase that is over
 * @param folder of the data directory
 * @param version major version
 * @param catalog name of the folder that this version has in a tablespace
 * @param wal folder of the write-ahead log; null: it is where it belongs
 * @param tablespaces folders by oid
 * @param settings of the configuration files in the data directory
 */
record AdoptionPlan(
    String request,
    Phase phase,
    String folder,
    String version,
    String catalog,
    @Nullable String wal,
    Map<Long, String> tablespaces,
    Map<String, String> settings) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** In their order. */
  enum Phase {
    /** Nothing was moved for certain; what is in the way of our layout may still be needed. */
    PLANNED,
    /** All that belongs to the instance lies in the folder of the adoption. */
    GATHERED,
    /** All else is gone from the volume. */
    CLEARED
  }

  AdoptionPlan {
    tablespaces = Map.copyOf(tablespaces);
    settings = Map.copyOf(settings);
  }

  /**
   * The one that an earlier load of this volume wrote.
   *
   * @throws AgentException {@link AgentError#SOURCE_NOT_FOUND} where what is there is not ours
   */
  static Optional<AdoptionPlan> read(VolumeLayout layout) {
    Path file = file(layout);
    if (!VolumePaths.exists(layout.adopting())) {
      return Optional.empty();
    }
    if (!VolumePaths.exists(file) && isEmptyOfOurs(layout)) {
      return Optional.empty(); // cut short just before it was written
    }
    if (!VolumeLayout.isOurs(file)) {
      throw new AgentException(
          AgentError.SOURCE_NOT_FOUND,
          "the volume came with a '%s' that no load has made: remove it from the source"
              .formatted(VolumeLayout.ADOPTING));
    }
    try {
      return Optional.of(of(JSON.readTree(Files.readAllBytes(file))));
    } catch (IOException | IllegalArgumentException e) {
      throw new AgentException(
          AgentError.IO, "cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Makes the folder of the adoption, if need be, and writes it there. */
  void write(VolumeLayout layout) {
    layout.createOwned(layout.adopting(), Identity.ROOT);
    try {
      VolumeLayout.writeDurably(
          file(layout), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json()));
    } catch (IOException e) {
      throw VolumeLayout.failure("write", file(layout), e);
    }
  }

  /** The same, further on. */
  AdoptionPlan after(Phase over) {
    return new AdoptionPlan(request, over, folder, version, catalog, wal, tablespaces, settings);
  }

  private static Path file(VolumeLayout layout) {
    return layout.adopting().resolve("plan.json");
  }

  private static boolean isEmptyOfOurs(VolumeLayout layout) {
    Path folder = layout.adopting();
    return VolumePaths.isFolder(folder)
        && VolumePaths.entries(folder).stream()
            .allMatch(entry -> entry.getFileName().toString().equals("plan.json.next"))
        && VolumePaths.entries(folder).stream().allMatch(VolumeLayout::isOurs);
  }

  private static AdoptionPlan of(JsonNode json) {
    Map<Long, String> tablespaces = new TreeMap<>();
    json.path("tablespaces")
        .properties()
        .forEach(one -> tablespaces.put(Long.valueOf(one.getKey()), one.getValue().asText()));
    Map<String, String> settings = new TreeMap<>();
    json.path("settings")
        .properties()
        .forEach(one -> settings.put(one.getKey(), one.getValue().asText()));
    return new AdoptionPlan(
        json.path("request").asText(),
        Phase.valueOf(json.path("phase").asText()),
        json.path("folder").asText(),
        json.path("version").asText(),
        json.path("catalog").asText(),
        json.hasNonNull("wal") ? json.path("wal").asText() : null,
        tablespaces,
        settings);
  }

  private ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("request", request);
    json.put("phase", phase.name());
    json.put("folder", folder);
    json.put("version", version);
    json.put("catalog", catalog);
    json.put("wal", wal);
    ObjectNode folders = json.putObject("tablespaces");
    new TreeMap<>(tablespaces).forEach((oid, place) -> folders.put(oid.toString(), place));
    ObjectNode values = json.putObject("settings");
    new TreeMap<>(settings).forEach(values::put);
    return json;
  }
}
