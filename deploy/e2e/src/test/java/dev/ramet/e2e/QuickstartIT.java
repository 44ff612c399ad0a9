package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code deploy/quickstart} as a user runs it, but with what is built already. */
final class QuickstartIT {
  private static final Pattern URL = Pattern.compile("\"url\": *\"(postgres://[^\"]+)\"");
  private Path home;
  private Path dir;

  @BeforeEach
  void chooseADirectory() throws IOException {
    home = Files.createTempDirectory("qs");
    Command.run("chmod", "0711", home.toString()).orFail();
    dir = home.resolve("q");
  }

  @AfterEach
  void stopIt() {
    quickstart("--stop");
    Command.run("rm", "-rf", "--one-file-system", home.toString());
  }

  @Test
  void itGoesOnAfterAKillAndLeavesNothingWhenStopped() throws Exception {
    Path json = home.resolve("summary.json");
    String[] arguments = {"--runtime", "process", "--clones", "2", "--json", json.toString()};
    killHalfWay(arguments);

    Command up = quickstart(arguments).orFail();
    List<String> table = up.out().lines().toList();
    assertThat(table).hasSize(3);
    assertThat(table.getFirst()).startsWith("CLONE").contains("HOST", "TOTAL ms", "URL");
    assertThat(up.out()).contains("host-a", "host-b", "postgres://");

    List<String> urls = urls(json);
    assertThat(urls).hasSize(2);
    for (String url : urls) {
      try (Database database = Database.connect(url)) {
        assertThat(database.value("SELECT count(*) FROM pgbench_branches")).isEqualTo("5");
      }
    }

    Command again = quickstart(arguments).orFail();
    assertThat(again.err()).contains("up already");
    assertThat(again.out()).isEqualTo(up.out());

    quickstart("--stop").orFail();
    assertThat(left()).isEmpty();
    quickstart("--stop").orFail();
  }

  @Test
  void itRefusesWhatItDoesNotKnow() {
    for (String[] arguments :
        List.of(
            new String[] {"--colour"},
            new String[] {"--hosts", "0"},
            new String[] {"--hosts"},
            new String[] {"--clones", "many"},
            new String[] {"--runtime", "podman"},
            new String[] {"extra"})) {
      Command command = quickstart(arguments);
      assertThat(command.exit()).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(command.err()).contains("usage: deploy/quickstart");
    }
    assertThat(dir).doesNotExist();
  }

  private void killHalfWay(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("setsid", "--wait"));
    command.addAll(command(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(home.resolve("killed.log").toFile());
    builder.environment().putAll(environment());
    Process running = builder.start();
    Eventually.holds(
        "a part runs",
        Duration.ofMinutes(2),
        () -> Files.exists(dir.resolve("logs/coordinator.log")));
    running.descendants().forEach(ProcessHandle::destroyForcibly);
    running.destroyForcibly();
    assertThat(running.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  private Command quickstart(String... arguments) {
    return Command.run(environment(), Duration.ofMinutes(5), command(arguments));
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Lab.root().resolve("deploy/quickstart").toString());
    command.addAll(List.of(arguments));
    if (!command.contains("--dir")) {
      command.addAll(List.of("--dir", dir.toString()));
    }
    return command;
  }

  private Map<String, String> environment() {
    return Map.of(
        "RAMET_BUILT",
        "yes",
        "HOME",
        home.toString(),
        "XDG_CONFIG_HOME",
        home.resolve("config").toString());
  }

  private static List<String> urls(Path json) throws IOException {
    List<String> urls = new ArrayList<>();
    Matcher matcher = URL.matcher(Files.readString(json));
    while (matcher.find()) {
      urls.add(matcher.group(1));
    }
    return urls;
  }

  /** Everything of it that is still on the machine. */
  private List<String> left() throws IOException {
    List<String> left = new ArrayList<>();
    Traces traces = new Traces(dir, List.of());
    left.addAll(traces.mounts());
    left.addAll(traces.loops());
    left.addAll(traces.databases());
    if (Files.exists(dir)) {
      left.add(dir.toString());
    }
    if (Files.exists(home.resolve("config/ramet"))) {
      left.add("the context");
    }
    ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(dir + "/"))
        .forEach(process -> left.add("process " + process.info().commandLine().orElse("")));
    return left;
  }
}
