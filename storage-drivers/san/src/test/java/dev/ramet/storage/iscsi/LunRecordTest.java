package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.util.List;
import org.junit.jupiter.api.Test;

class LunRecordTest {
  private static final LunAddress ADDRESS =
      new LunAddress(
          List.of(
              new TargetPortal("10.0.0.5:3260", "iqn.2010-06.com.example:array.1"),
              new TargetPortal("[fd00::5]:3260", "iqn.2010-06.com.example:array.2")),
          3,
          "naa.624a9370a1b2c3d4000000000000001f",
          new Chap("host-a", "0123456789ab"),
          null);

  @Test
  void whatIsWrittenIsRead() {
    LunRecord record = LunRecord.of(ADDRESS);
    assertThat(LunRecord.parse(record.text())).contains(record);
  }

  @Test
  void theSecretIsNotKept() {
    assertThat(LunRecord.of(ADDRESS).text()).doesNotContain("0123456789ab", "host-a");
  }

  @Test
  void whatWasCutShortIsNoRecord() {
    String text = LunRecord.of(ADDRESS).text();
    assertThat(LunRecord.parse("")).isEmpty();
    assertThat(LunRecord.parse(text.substring(0, 20))).isEmpty();
    assertThat(LunRecord.parse(text.substring(0, text.length() - 30))).isEmpty();
    assertThat(LunRecord.parse("something else\n")).isEmpty();
  }
}
