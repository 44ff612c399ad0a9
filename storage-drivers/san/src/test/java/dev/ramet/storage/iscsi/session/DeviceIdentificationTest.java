package dev.ramet.storage.iscsi.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DeviceIdentificationTest {
  /** Of a LUN of tgt: a T10 name, a local NAA and an extended one. */
  private static final String DESIGNATORS =
      "02010004"
          + "49455420"
          + "01030008"
          + "3000000100000001"
          + "01030010"
          + "624a9370abcdef0123456789abcd1234";

  private static byte[] page(String designators) {
    return HexFormat.of().parseHex("0083%04x%s".formatted(designators.length() / 2, designators));
  }

  @Test
  void allNamesOfTheKindNaaAreFound() {
    assertThat(DeviceIdentification.names(page(DESIGNATORS)))
        .containsExactly("naa.3000000100000001", "naa.624a9370abcdef0123456789abcd1234");
  }

  @Test
  void aNameOfThePortIsNotTheLuns() {
    assertThat(DeviceIdentification.names(page("01130008" + "5000000100000001"))).isEmpty();
  }

  @Test
  void whatIsCutShortIsLeftOut() {
    byte[] page = page(DESIGNATORS);
    assertThat(DeviceIdentification.names(Arrays.copyOf(page, page.length - 4)))
        .containsExactly("naa.3000000100000001");
    assertThat(DeviceIdentification.names(new byte[0])).isEmpty();
    assertThat(DeviceIdentification.names(new byte[] {0, 0, 0, 1, 0})).isEmpty();
  }

  @Test
  void aLunThatIsNotThereSaysSo() {
    assertThat(DeviceIdentification.connected(new byte[] {0x7f, 0, 0, 0})).isFalse();
    assertThat(DeviceIdentification.connected(new byte[] {0, 0, 0, 0})).isTrue();
    assertThat(DeviceIdentification.connected(new byte[0])).isFalse();
  }
}
