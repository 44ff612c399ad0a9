package dev.ramet.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A single etcd, and a look at its keys through its JSON gateway. */
final class Etcd {
  private static final Pattern KEY = Pattern.compile("\"key\":\"([^\"]*)\"");
  private static final Pattern VALUE = Pattern.compile("\"value\":\"([^\"]*)\"");

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

  /** Values of the keys below a prefix. */
  List<byte[]> values(String prefix) throws IOException, InterruptedException {
    List<byte[]> values = new ArrayList<>();
    Matcher matcher = VALUE.matcher(range(endpoint(), prefix, false));
    while (matcher.find()) {
      values.add(Base64.getDecoder().decode(matcher.group(1)));
    }
    return values;
  }

  /**
   * Every value that a key below a prefix ever had, deleted ones too: nothing is compacted here.
   * Only when nobody else uses it any more, as it writes a last one.
   */
  List<byte[]> everWritten(String prefix) throws IOException, InterruptedException {
    String last = prefix + "~";
    post(
        endpoint(), "/v3/kv/put", "{\"key\":\"%s\",\"value\":\"\"}".formatted(base64(bytes(last))));
    String watch =
        "{\"create_request\":{\"key\":\"%s\",\"range_end\":\"%s\",\"start_revision\":1}}"
            .formatted(base64(bytes(prefix)), base64(endOf(prefix)));
    List<byte[]> values = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient();
        Stream<String> answers =
            http.send(request(endpoint(), "/v3/watch", watch), HttpResponse.BodyHandlers.ofLines())
                .body()) {
      for (String answer : (Iterable<String>) answers::iterator) {
        Matcher matcher = VALUE.matcher(answer);
        while (matcher.find()) {
          values.add(Base64.getDecoder().decode(matcher.group(1)));
        }
        if (answer.contains("\"" + base64(bytes(last)) + "\"")) {
          http.shutdownNow();
          return values;
        }
      }
    }
    throw new IOException("etcd ended the watch early");
  }

  /** Records below a prefix with their values and revisions, as JSON, from any etcd. */
  static String records(String endpoint, String prefix) throws IOException, InterruptedException {
    String answer = range(endpoint, prefix, false);
    int records = answer.indexOf("\"kvs\":");
    return records < 0 ? "" : answer.substring(records);
  }

  private static String range(String endpoint, String prefix, boolean keysOnly)
      throws IOException, InterruptedException {
    return post(
        endpoint,
        "/v3/kv/range",
        "{\"key\":\"%s\",\"range_end\":\"%s\",\"keys_only\":%s}"
            .formatted(base64(bytes(prefix)), base64(endOf(prefix)), keysOnly));
  }

  private static String post(String endpoint, String path, String body)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(request(endpoint, path, body), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException("etcd answers " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body();
    }
  }

  private static HttpRequest request(String endpoint, String path, String body) {
    return HttpRequest.newBuilder(URI.create(endpoint + path))
        .timeout(Duration.ofSeconds(20))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static byte[] endOf(String prefix) {
    byte[] end = bytes(prefix);
    end[end.length - 1]++;
    return end;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
