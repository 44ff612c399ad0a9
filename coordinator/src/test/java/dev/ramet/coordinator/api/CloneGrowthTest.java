package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.proto.v1.ExtendCloneRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CloneGrowthTest {
  private static final GrowthPolicy POLICY =
      new GrowthPolicy(1L << 30, 5L << 30, Duration.ofSeconds(2));

  private static void extend(ExtendCloneRequest.Builder request) {
    RequestCheck check = new RequestCheck();
    new CloneGrowth(POLICY).check(check, request.build());
    check.done();
  }

  @Test
  void theServersMaximumHoldsForAllAndIsTheDefaultWhereThereIsNoOther() {
    assertThat(POLICY.limit()).isEqualTo(1L << 30);
    assertThat(new GrowthPolicy(0, 5, Duration.ZERO).limit()).isEqualTo(5);
    assertThat(GrowthPolicy.DEFAULT.limit()).isZero();
    assertThatCode(() -> CloneGrowth.check(5L << 30, POLICY)).doesNotThrowAnyException();
    assertThatThrownBy(() -> CloneGrowth.check((5L << 30) + 1, POLICY))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("more than the 5.0 GiB that this server allows");
  }

  @Test
  void nobodyGrowsFreelyWhereThereIsAMaximum() {
    assertThatThrownBy(() -> extend(ExtendCloneRequest.newBuilder().setNoGrowthLimit(true)))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("5.0 GiB at most");
    assertThatThrownBy(() -> extend(ExtendCloneRequest.newBuilder().setAddGrowthBytes(0)))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("changes nothing");
  }
}
