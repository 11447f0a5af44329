package chat.engine.examples.console.command.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WordTest {
  @Test
  void quotesAndBackslashesKeepSpacesInAWord() {
    assertThat(Word.split("/send a\\ b \"c d\" e\\f").stream().map(Word::text))
        .containsExactly("/send", "a b", "c d", "e\\f");
  }
}
