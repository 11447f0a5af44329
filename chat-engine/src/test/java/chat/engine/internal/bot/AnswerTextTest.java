package chat.engine.internal.bot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AnswerTextTest {
  private static final String SMILE = "\ud83d\ude00";

  private final AnswerText text = new AnswerText(10);

  @Test
  void piecesThatFindNoRoomAreNotAdded() {
    assertThat(text.append("12345")).isTrue();
    assertThat(text.append("äöü")).as("11 bytes").isFalse();
    assertThat(text.append("67")).isTrue();
    assertThat(text.append("ä9")).isTrue();
    assertThat(text.append("0")).isFalse();
    assertThat(text.append("")).isTrue();
    assertThat(text).hasToString("1234567ä9");
  }

  @Test
  void controlCharactersAreLeftOutButTabsAndLineEndsStay() {
    assertThat(AnswerText.clean("a\u0000b\tc\r\nd\u0007\u0085e")).isEqualTo("ab\tc\r\nde");
  }

  @Test
  void halvesOfPairsWaitForTheOtherHalfOrAreLeftOut() {
    assertThat(text.append(SMILE.substring(0, 1))).isTrue();
    assertThat(text).hasToString("");
    assertThat(text.append(SMILE.substring(1) + "!")).isTrue();
    assertThat(text).hasToString(SMILE + "!");
    assertThat(text.append(SMILE.substring(0, 1))).isTrue();
    assertThat(text.append("x")).isTrue();
    assertThat(text).hasToString(SMILE + "!x");
    assertThat(AnswerText.clean(SMILE.substring(1) + "a" + SMILE.substring(0, 1))).isEqualTo("a");
  }

  @Test
  void aPieceThatFindsNoRoomLeavesTheHalfThatWaits() {
    assertThat(text.append("123456" + SMILE.substring(0, 1))).isTrue();
    assertThat(text.append(SMILE.substring(1) + "7")).isFalse();
    assertThat(text.append(SMILE.substring(1))).isTrue();
    assertThat(text).hasToString("123456" + SMILE);
  }

  @Test
  void itDoesNotMatterWhereATextIsCut() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      StringBuilder whole = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        whole.append(random.nextInt(3) == 0 ? SMILE : Character.toString(random.nextInt(300)));
      }
      AnswerText pieces = new AnswerText(1_000);
      for (int at = 0; at < whole.length(); ) {
        int end = at + 1 + random.nextInt(whole.length() - at);
        assertThat(pieces.append(whole.substring(at, end))).isTrue();
        at = end;
      }
      assertThat(pieces.toString())
          .as("seed %d", seed)
          .isEqualTo(AnswerText.clean(whole.toString()))
          .isEqualTo(
              new String(
                  pieces.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
  }
}
