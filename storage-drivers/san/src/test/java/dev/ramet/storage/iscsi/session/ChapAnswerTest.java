package dev.ramet.storage.iscsi.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.san.Chap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChapAnswerTest {
  private static final Chap CHAP = new Chap("host-a", "0123456789ab");

  @Test
  void theAnswerIsTheDigestOfIdentifierSecretAndChallenge() {
    // printf '\x2a0123456789ab\x01\x02\x03\x04' | md5sum
    assertThat(ChapAnswer.to(Map.of("CHAP_I", "42", "CHAP_C", "0x01020304"), CHAP))
        .isEqualTo(Map.of("CHAP_N", "host-a", "CHAP_R", "0xf475c627ca94690ea40b95fd8e881334"));
  }

  @Test
  void aChallengeInBase64IsTheSame() {
    assertThat(ChapAnswer.to(Map.of("CHAP_I", "42", "CHAP_C", "0bAQIDBA=="), CHAP))
        .isEqualTo(ChapAnswer.to(Map.of("CHAP_I", "42", "CHAP_C", "0x01020304"), CHAP));
  }
}
