package dev.ramet.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WritersTest {
  private static Map<String, Object> example() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a \"b\" \\ \n\t\u0001 ü 😀");
    map.put("number", 1.5);
    map.put("none", null);
    map.put("empty", Map.of());
    map.put("list", List.of(Map.of("a", true), "yes", "8", "x: y"));
    return map;
  }

  @Test
  void jsonIsEscapedAndIndented() {
    assertThat(JsonWriter.write(example()))
        .isEqualTo(
            """
            {
              "text": "a \\"b\\" \\\\ \\n\\t\\u0001 ü 😀",
              "number": 1.5,
              "none": null,
              "empty": {},
              "list": [
                {
                  "a": true
                },
                "yes",
                "8",
                "x: y"
              ]
            }
            """);
    assertThat(JsonWriter.write("\ud800")).isEqualTo("\"\\ud800\"\n");
  }

  @Test
  void yamlQuotesWhateverCouldBeTakenForSomethingElse() {
    assertThat(YamlWriter.write(example()))
        .isEqualTo(
            """
            text: "a \\"b\\" \\\\ \\n\\t\\u0001 ü 😀"
            number: 1.5
            none: null
            empty: {}
            list:
              - a: true
              - "yes"
              - "8"
              - "x: y"
            """);
    assertThat(YamlWriter.write(List.of())).isEqualTo("[]\n");
  }

  @Test
  void tablesAreAlignedAndCellsStayOnTheirLine() {
    assertThat(
            TextTable.withHeadings("A", "LONG")
                .row("wide cell", "x\ny\u001b[31m")
                .row("", "z")
                .toString())
        .isEqualTo(
            """
            A          LONG
            wide cell  x y [31m
            -          z
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "512B, 512",
    "1K, 1024",
    "20GiB, 21474836480",
    "20g, 21474836480",
    "20 GiB, 21474836480",
    "1.5MiB, 1572864",
    "2GB, 2000000000",
    "0B, 0"
  })
  void sizesAreRead(String text, long bytes) {
    assertThat(Units.parseSize(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GiB", "512", "-1", "1XB", "1e9", "99999999PiB", "1,5G"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> Units.parseSize(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "30s, PT30S", "0, PT0S", "5m, PT5M", "2h, PT2H", "1d, PT24H"})
  void durationsAreRead(String text, Duration duration) {
    assertThat(Units.parseDuration(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "90", "5 m", "-5m", "1y"})
  void whatIsNoDurationIsRefused(String text) {
    assertThatThrownBy(() -> Units.parseDuration(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sizesTimesAndAgesAreHuman() {
    assertThat(Units.size(0)).isEqualTo("0 B");
    assertThat(Units.size(1536)).isEqualTo("1.5 KiB");
    assertThat(Units.size(200L << 30)).isEqualTo("200 GiB");
    assertThat(Units.elapsed(Duration.ofMillis(3))).isEqualTo("3 ms");
    assertThat(Units.elapsed(Duration.ofMillis(1234))).isEqualTo("1.2 s");
    assertThat(Units.elapsed(Duration.ofSeconds(250))).isEqualTo("4m 10s");
    assertThat(Units.elapsed(Duration.ofMinutes(125))).isEqualTo("2h 5m");
    Instant now = Instant.parse("2026-11-01T12:00:00Z");
    assertThat(Units.age(now.minusSeconds(45), now)).isEqualTo("45s");
    assertThat(Units.age(now.plusSeconds(5), now)).isEqualTo("0s");
    assertThat(Units.age(now.minusSeconds(7200), now)).isEqualTo("2h");
    assertThat(Units.age(now.minus(Duration.ofDays(9)), now)).isEqualTo("9d");
    assertThat(Units.age(null, now)).isEmpty();
  }
}
