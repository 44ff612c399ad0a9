package dev.ramet.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A single etcd, and a look at its keys through its JSON gateway. */
final class Etcd {
  private static final Pattern KEY = Pattern.compile("\"key\":\"([^\"]*)\"");

  private final Part part;

  Etcd(Path dir, Path logs) {
    int client = Part.freePort();
    String address = "http://127.0.0.1:" + client;
    String peer = "http://127.0.0.1:" + Part.freePort();
    this.part =
        new Part(
            "etcd",
            List.of(
                "etcd",
                "--name",
                "lab",
                "--data-dir",
                dir.toString(),
                "--listen-client-urls",
                address,
                "--advertise-client-urls",
                address,
                "--listen-peer-urls",
                peer,
                "--initial-advertise-peer-urls",
                peer,
                "--initial-cluster",
                "lab=" + peer,
                "--logger=zap"),
            Map.of(),
            client,
            logs.resolve("etcd.log"));
  }

  Part part() {
    return part;
  }

  String endpoint() {
    return "http://127.0.0.1:" + part.port();
  }

  /** Keys below a prefix. */
  List<String> keys(String prefix) throws IOException, InterruptedException {
    List<String> keys = new ArrayList<>();
    Matcher matcher = KEY.matcher(range(endpoint(), prefix, true));
    while (matcher.find()) {
      keys.add(new String(Base64.getDecoder().decode(matcher.group(1)), StandardCharsets.UTF_8));
    }
    return keys;
  }

  /** Records below a prefix with their values and revisions, as JSON, from any etcd. */
  static String records(String endpoint, String prefix) throws IOException, InterruptedException {
    String answer = range(endpoint, prefix, false);
    int records = answer.indexOf("\"kvs\":");
    return records < 0 ? "" : answer.substring(records);
  }

  private static String range(String endpoint, String prefix, boolean keysOnly)
      throws IOException, InterruptedException {
    byte[] end = prefix.getBytes(StandardCharsets.UTF_8);
    end[end.length - 1]++;
    String body =
        "{\"key\":\"%s\",\"range_end\":\"%s\",\"keys_only\":%s}"
            .formatted(base64(prefix.getBytes(StandardCharsets.UTF_8)), base64(end), keysOnly);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(endpoint + "/v3/kv/range"))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException("etcd answers " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body();
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
