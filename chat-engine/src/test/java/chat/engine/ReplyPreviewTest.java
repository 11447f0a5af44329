package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplyPreviewTest {
  @Test
  void aTextOf140CodePointsIsWhole() {
    for (String character : new String[] {"x", "\u00e9", "\ud83d\ude00"}) {
      assertThat(ReplyPreview.cut(character.repeat(140))).isEqualTo(character.repeat(140));
      assertThat(ReplyPreview.cut(character.repeat(141))).isEqualTo(character.repeat(140));
    }
    assertThat(ReplyPreview.cut("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e\u0301", // a combining accent
        "\ud83d\udc4d\ud83c\udffd", // a thumb with a tone of skin
        "\ud83c\udde9\ud83c\uddea", // a flag
        "\ud83d\udc69\u200d\ud83d\ude80", // an astronaut
        "\r\n"
      })
  void noCharacterIsCutInTwo(String character) {
    String before = "x".repeat(139);
    assertThat(ReplyPreview.cut(before + character + "yyy")).isEqualTo(before);
    assertThat(ReplyPreview.cut("x".repeat(120) + character + "y".repeat(140)))
        .startsWith("x".repeat(120) + character + "y");
  }

  @Test
  void aSingleCharacterThatIsLongerIsCut() {
    String tower = "e" + "\u0301".repeat(500);
    assertThat(ReplyPreview.cut(tower)).isEqualTo(tower.substring(0, 140));
  }

  @Test
  void whatIsReadBehindTheCutDoesNotMatter() {
    String text = "x".repeat(139) + "\ud83d\udc69\u200d\ud83d\ude80" + "y".repeat(50);
    String beginning = text.substring(0, text.offsetByCodePoints(0, 141));
    assertThat(ReplyPreview.cut(beginning)).isEqualTo(ReplyPreview.cut(text));
  }
}
