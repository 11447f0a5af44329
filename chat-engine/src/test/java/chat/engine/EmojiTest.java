package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be reacted with. */
final class EmojiTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\uD83D\uDC4D", // thumbs up
        "\uD83D\uDC4D\uD83C\uDFFD", // of a skin tone
        "\u2764\uFE0F", // red heart
        "#\uFE0F\u20E3", // a keycap
        "\uD83C\uDDEA\uD83C\uDDFA", // the flag of Europe
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66", // a family
        "\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC73\uDB40\uDC63\uDB40\uDC74\uDB40\uDC7F",
        "\uD83E\uDEC8" // new in Unicode 17
      })
  void everyRgiEmojiIsOne(String emoji) {
    assertThat(Emoji.of(emoji)).hasToString(emoji).isEqualTo(Emoji.fromStored(emoji));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a",
        "#",
        "# RGI emoji",
        "1",
        ":+1:",
        "\u2764", // without the variation selector
        "\uD83D\uDC4D ",
        "\uD83D\uDC4D\uD83D\uDC4D",
        "\uD83D\uDC4D\uFE0F",
        "\uD83C\uDDEA", // half a flag
        "\uD83C\uDDFD\uD83C\uDDFD", // the flag of no country
        "\uD83D\uDC4D\u200D\uD83D\uDC4D",
        "\u200D",
        "\uD83D" // half a surrogate pair
      })
  void nothingElseIs(String noEmoji) {
    assertThatThrownBy(() -> Emoji.of(noEmoji))
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST))
        .hasMessage("emoji must be one RGI emoji of Unicode 17.0, not \"" + noEmoji + "\"");
  }

  @Test
  void aLongTextIsCutInTheMessage() {
    assertThatThrownBy(() -> Emoji.of("\uD83D\uDC4D".repeat(500)))
        .hasMessageEndingWith("not \"" + "\uD83D\uDC4D".repeat(20) + "...\"");
  }
}
