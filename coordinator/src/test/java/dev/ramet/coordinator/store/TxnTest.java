package dev.ramet.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.PortRecord;
import org.junit.jupiter.api.Test;

class TxnTest {
  private static final Key<CloneRecord> CLONE = Keys.clone("a");
  private static final Key<PortRecord> PORT = Keys.port("h", 15000);
  private static final CloneRecord RECORD =
      CloneRecord.newBuilder().setMeta(Meta.newBuilder().setName("a")).build();

  @Test
  void aTransactionWithoutAWriteIsRefused() {
    assertThatThrownBy(() -> Txn.begin().absent(CLONE).requireSafe())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWriteThatCouldBeRepeatedIsRefused() {
    Txn blind = Txn.begin().put(CLONE, RECORD);
    assertThatThrownBy(blind::requireSafe).hasMessageContaining("repetition");
    Txn conditionElsewhere = Txn.begin().absent(PORT).put(CLONE, RECORD);
    assertThatThrownBy(conditionElsewhere::requireSafe).hasMessageContaining("repetition");
  }

  @Test
  void anUnconditionalWriteMayGoAlongWithAConditionalOne() {
    Txn txn = Txn.begin().create(CLONE, RECORD).put(PORT, PortRecord.getDefaultInstance());
    assertThatCode(txn::requireSafe).doesNotThrowAnyException();
  }

  @Test
  void oneRecordIsWrittenOnce() {
    Txn txn = Txn.begin().create(CLONE, RECORD).delete(CLONE);
    assertThatThrownBy(txn::requireSafe).hasMessageContaining("two writes");
  }

  @Test
  void everyMethodLeavesTheTransactionBeforeItAsItWas() {
    Txn empty = Txn.begin();
    Txn one = empty.create(CLONE, RECORD);
    Txn two = one.delete(PORT);
    assertThat(empty.writes()).isEmpty();
    assertThat(one.writes()).hasSize(1);
    assertThat(two.writes()).hasSize(2);
  }

  @Test
  void theWriteIdGoesIntoMetaAndNowhereElse() {
    assertThat(Records.stamped(RECORD, "w1").getMeta().getWriteId()).isEqualTo("w1");
    assertThat(Records.stamped(RECORD, "w1").getMeta().getName()).isEqualTo("a");
    PortRecord port = PortRecord.newBuilder().setUid("u").build();
    assertThat(Records.stamped(port, "w1")).isEqualTo(port);
  }

  @Test
  void noRecordIsPrintedWithItsValue() {
    CloneRecord secret =
        RECORD.toBuilder()
            .setAssignment(RECORD.getAssignment().toBuilder().setPassword("hunter2"))
            .build();
    assertThat(Txn.begin().create(CLONE, secret).toString()).doesNotContain("hunter2");
    assertThat(new Versioned<>(CLONE, secret, 1, 1).toString()).doesNotContain("hunter2");
    assertThat(new Change<>(CLONE, null, new Versioned<>(CLONE, secret, 1, 1), 1).toString())
        .doesNotContain("hunter2");
  }
}
