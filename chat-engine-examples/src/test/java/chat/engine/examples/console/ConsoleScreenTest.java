package chat.engine.examples.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ConsoleScreenTest {
  @Test
  void aStrangersTextNeitherMovesTheCursorNorTurnsTheLine() {
    assertThat(ConsoleScreen.printable("a\u001b[2Jb\rc\u009bd")).isEqualTo("a [2Jb c d");
    assertThat(ConsoleScreen.printable("\u202Eada\u202C \u2066\u2069\u200E\u200F\u2028x"))
        .isEqualTo(" ada       x");
    assertThat(ConsoleScreen.printable("שלום, 👩‍🚀 ñ")).isEqualTo("שלום, 👩‍🚀 ñ");
  }
}
