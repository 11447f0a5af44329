package chat.engine.examples.console.screen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SafeTextTest {
  @Test
  void aStrangersTextNeitherMovesTheCursorNorTurnsTheLine() {
    assertThat(SafeText.oneLine("a\u001b[2Jb\rc\u009bd")).isEqualTo("a [2Jb c d");
    assertThat(SafeText.oneLine("\u202Eada\u202C \u2066\u2069\u200E\u200F\u2028x"))
        .isEqualTo(" ada       x");
    assertThat(SafeText.oneLine("שלום, 👩‍🚀 ñ")).isEqualTo("שלום, 👩‍🚀 ñ");
  }

  @Test
  void noControlOfAnyKindIsLeft() {
    for (char control = 0; control < 0xA0; control++) {
      if (Character.isISOControl(control) && control != '\t') {
        assertThat(SafeText.oneLine("a" + control + "b")).isEqualTo("a b");
      }
    }
    for (char override :
        "\u061C\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069".toCharArray()) {
      assertThat(SafeText.oneLine("a" + override + "b")).isEqualTo("a b");
    }
    assertThat(SafeText.oneLine("a\tb")).isEqualTo("a    b");
  }

  @Test
  void theBeginningIsOneLineAndCutsNoCharacterInTwo() {
    assertThat(SafeText.beginning("\n  one\ntwo", 20)).isEqualTo("one two");
    assertThat(SafeText.beginning("😀😀😀😀", 3)).isEqualTo("😀😀…");
  }
}
