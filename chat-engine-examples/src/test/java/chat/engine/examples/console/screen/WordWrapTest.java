package chat.engine.examples.console.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.junit.jupiter.api.Test;

final class WordWrapTest {
  private static List<String> rows(String line, int width, int indent) {
    return WordWrap.rows(new AttributedString(line), width, indent).stream()
        .map(AttributedString::toString)
        .toList();
  }

  @Test
  void linesBreakBetweenWords() {
    assertThat(rows("   1 18:34 ada: one two three four five", 30, 5))
        .containsExactly("   1 18:34 ada: one two three", "     four five");
    assertThat(rows("   1 18:34 ada: one two three four five six seven eight nine", 30, 5))
        .containsExactly(
            "   1 18:34 ada: one two three", "     four five six seven eight", "     nine");
    assertThat(rows("a short line", 30, 5)).containsExactly("a short line");
    assertThat(rows("exactly thirty columns of text", 30, 2))
        .containsExactly("exactly thirty columns of text");
    assertThat(rows("spaces  within a line are  kept as they are", 30, 2))
        .containsExactly("spaces  within a line are", "  kept as they are");
  }

  @Test
  void whatNoRowCanHoldIsLeftToTheTerminal() {
    String link = "http://127.0.0.1:8080/#/join/CP5gqygAAADGlejYQ2L1OH379Jl6pQkC";
    assertThat(rows("   1 18:34 ada: " + link, 30, 5)).containsExactly("   1 18:34 ada: " + link);
    assertThat(rows("   1 18:34 ada: one two three four five", 20, 5)).hasSize(1);
  }

  @Test
  void wideCharactersTakeTwoColumns() {
    assertThat(rows("ada: 一二三四五六 七八九十一二 三四五六", 30, 2))
        .containsExactly("ada: 一二三四五六 七八九十一二", "  三四五六");
  }

  @Test
  void stylesAreKept() {
    AttributedString line =
        new AttributedStringBuilder()
            .append("one two three four five six ")
            .styled(AttributedStyle.BOLD, "seven")
            .append(" eight")
            .toAttributedString();
    List<AttributedString> rows = WordWrap.rows(line, 30, 2);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).toAnsi()).contains("\u001b[1mseven\u001b[0m eight");
  }
}
