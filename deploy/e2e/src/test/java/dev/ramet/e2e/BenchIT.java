package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark runs to its end and has all figures; what they are is no matter of a test. */
final class BenchIT {
  @Test
  void theQuickFormMeasuresEverything(@TempDir Path dir) throws Exception {
    Path json = dir.resolve("bench.json");
    Bench.main(new String[] {"--quick", "--json", json.toString()});
    assertThat(Files.readString(json))
        .contains(
            "\"ratio_process\"",
            "\"ratio_docker\"",
            "\"growth_process\"",
            "\"growth_docker\"",
            "\"coordinator_share\"",
            "\"reset_ratio_process\"",
            "\"save_docker\"",
            "\"branch_growth_process\"",
            "\"burst_total_docker\"",
            "\"cli_ls\"",
            "\"pgbench_ratio\"",
            "\"pgbench_ratio_new\"",
            "\"pgbench_ratio_proxy\"",
            "\"many_create_20\"",
            "\"many_heal\"",
            "\"many_ls\"",
            "\"rss_agent\"",
            "\"rss_coordinator\"")
        .doesNotContain("null");
  }
}
