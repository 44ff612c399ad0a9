package dev.ramet.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  private static final Path SAMPLE = Path.of("src/main/dist/agent.properties");

  @TempDir Path dir;

  @Test
  void theCommandLineWinsOverTheFile() throws IOException {
    Path file = Files.writeString(dir.resolve("a.properties"), "name = a\nlisten = 127.0.0.1:1\n");
    CommandLine line = CommandLine.parse(List.of("--name=b", "--config", file.toString()));
    assertThat(line.action()).isEqualTo(CommandLine.Action.RUN);
    assertThat(line.settings()).containsOnly(entry("name", "b"), entry("listen", "127.0.0.1:1"));
  }

  @Test
  void aKeyThatIsInTheFileTwiceIsRefused() throws IOException {
    Path file = Files.writeString(dir.resolve("a.properties"), "name = a\nname = b\n");
    assertThatThrownBy(() -> CommandLine.parse(List.of("--config", file.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the key 'name' is there twice");
  }

  @Test
  void whatIsNotUnderstoodIsRefused() {
    assertThatThrownBy(() -> CommandLine.parse(List.of("start", "--name=a", "--name=b", "--x")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'start' is not understood")
        .hasMessageContaining("'--x' is not understood")
        .hasMessageContaining("--name is given twice");
  }

  @Test
  void aMissingFileIsOneClearFault() {
    assertThatThrownBy(() -> CommandLine.parse(List.of("--config", "/no/such/file")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the file /no/such/file cannot be read");
  }

  @Test
  void theUsageNamesEveryKey() {
    assertThat(CommandLine.usage()).contains(ConfigKey.texts());
  }

  @Test
  void theSampleFileListsExactlyTheKnownKeys() throws IOException {
    TreeSet<String> listed = new TreeSet<>();
    Pattern setting = Pattern.compile("#?([a-z][a-z.]*[a-z]) =.*");
    for (String line : Files.readAllLines(SAMPLE)) {
      Matcher matcher = setting.matcher(line);
      if (matcher.matches()) {
        listed.add(
            matcher
                .group(1)
                .replace("pool.main.", "pool.<name>.")
                .replace("label.disk", "label.<name>"));
      }
    }
    assertThat(listed).containsExactlyInAnyOrderElementsOf(ConfigKey.texts());
  }

  @Test
  void theSampleFileShowsTheDefaults() throws IOException {
    Properties shown = new Properties();
    for (String line : Files.readAllLines(SAMPLE)) {
      if (line.matches("#[a-z][a-z.]*[a-z] =.*")) {
        shown.load(new StringReader(line.substring(1)));
      }
    }
    shown.remove("label.disk");
    for (String written : shown.stringPropertyNames()) {
      assertThat(shown.getProperty(written))
          .as(written)
          .isEqualTo(ConfigKey.find(written).orElseThrow().fallback().orElseThrow());
    }
  }

  @Test
  void theSampleFileCanBeUsedAsItIs() {
    CommandLine line = CommandLine.parse(List.of("--config", SAMPLE.toString()));
    assertThat(AgentConfig.of(line.settings()).name()).isEqualTo("host-a");
  }

  private static Map.Entry<String, String> entry(String key, String value) {
    return Map.entry(key, value);
  }
}
