package dev.ramet.agent.engine.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a volume holds, written into it at the end of its load: where it is, the load was whole.
 *
 * @param version major version
 * @param request tells one load's arguments from another's; nothing secret
 * @param superuser name of the role that the instance was born with
 * @param database that clones' URLs lead to
 * @param databases all that can be connected to
 * @param dataBytes size of the databases
 * @param settings of the source that clones need
 */
record Manifest(
    String version,
    String request,
    String superuser,
    String database,
    List<String> databases,
    long dataBytes,
    Map<String, String> settings) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FORMAT = 1;

  Manifest {
    databases = List.copyOf(databases);
    settings = Map.copyOf(settings);
  }

  /** Empty where there is none, or one that was not finished. */
  static Optional<Manifest> read(VolumeLayout layout) {
    JsonNode json;
    try {
      json = JSON.readTree(Files.readAllBytes(layout.manifest()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw VolumeLayout.failure("read", layout.manifest(), e);
    }
    if (!json.path("complete").asBoolean() || json.path("format").asInt() != FORMAT) {
      return Optional.empty();
    }
    List<String> databases = new ArrayList<>();
    json.path("databases").forEach(name -> databases.add(name.asText()));
    Map<String, String> settings = new TreeMap<>();
    json.path("settings")
        .properties()
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
    return Optional.of(
        new Manifest(
            json.path("version").asText(),
            json.path("request").asText(),
            json.path("superuser").asText(),
            json.path("database").asText(),
            databases,
            json.path("dataBytes").asLong(),
            settings));
  }

  /** Writes it so that it is there whole, on the disk, or not at all. */
  void write(VolumeLayout layout) {
    try {
      VolumeLayout.writeDurably(
          layout.manifest(), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json()));
    } catch (IOException e) {
      throw VolumeLayout.failure("write", layout.manifest(), e);
    }
  }

  private ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", FORMAT);
    json.put("engine", PostgresEngine.NAME);
    json.put("version", version);
    json.put("request", request);
    json.put("superuser", superuser);
    json.put("database", database);
    ArrayNode names = json.putArray("databases");
    databases.forEach(names::add);
    json.put("dataBytes", dataBytes);
    ObjectNode values = json.putObject("settings");
    new TreeMap<>(settings).forEach(values::put);
    json.put("complete", true);
    return json;
  }
}
