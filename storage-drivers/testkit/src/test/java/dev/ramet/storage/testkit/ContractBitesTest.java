package dev.ramet.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A suite that cannot fail proves nothing: each defect must make the tests fail that name it. */
class ContractBitesTest {

  @ParameterizedTest
  @EnumSource
  void theSuiteNoticesEachDefect(Defect defect) {
    Set<String> failed = failedTests(defect);
    System.out.println(defect + " is noticed by " + failed);
    assertThat(failed).containsAll(defect.noticedBy());
    assertThat(failed).as("tests that fail for another reason").hasSizeLessThan(30);
  }

  @Test
  void noDefectIsWithoutATestThatNotices() {
    for (Defect defect : Defect.values()) {
      assertThat(defect.noticedBy()).as(defect.name()).isNotEmpty();
    }
  }

  private static Set<String> failedTests(Defect defect) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(BrokenDriverCases.class))
            .configurationParameter(BrokenDriverCases.PARAMETER, defect.name())
            .build();
    Set<String> failed = new TreeSet<>();
    LauncherFactory.create().execute(request, new FailureCollector(failed));
    return failed;
  }

  private record FailureCollector(Set<String> failed) implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (result.getStatus() == TestExecutionResult.Status.FAILED
          && test.getSource().orElse(null) instanceof MethodSource method) {
        failed.add(method.getMethodName());
      }
    }
  }
}
