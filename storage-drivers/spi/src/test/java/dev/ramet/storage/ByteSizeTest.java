package dev.ramet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "1048575, 1024.0 KiB",
    "10737418240, 10 GiB",
    "1099511627776, 1 TiB",
    "9223372036854775807, 8 EiB"
  })
  void isShownInTheLargestUnitThatFits(long bytes, String shown) {
    assertThat(new ByteSize(bytes)).hasToString(shown);
  }

  @Test
  void isShownTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(new ByteSize(1536)).hasToString("1.5 KiB");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void isNeverNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ByteSize(-1));
  }

  @Test
  void refusesToOverflow() {
    assertThat(ByteSize.ofGibi(1)).isEqualTo(ByteSize.ofMebi(1024));
    assertThatThrownBy(() -> ByteSize.ofGibi(Long.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void isOrderedByBytes() {
    assertThat(ByteSize.ofMebi(1)).isLessThan(ByteSize.ofMebi(2)).isGreaterThan(new ByteSize(1));
  }
}
