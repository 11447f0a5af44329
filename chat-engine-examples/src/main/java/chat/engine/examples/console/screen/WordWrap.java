package chat.engine.examples.console.screen;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;

/**
 * Breaks lines between words, where a terminal would break them anywhere. A word that no row can
 * hold, such as a long link or a text without spaces, is left to the terminal: so it stays one word
 * when it is copied.
 */
final class WordWrap {
  private static final int LEAST_WIDTH = 30;

  private WordWrap() {}

  /**
   * @param width columns; narrow ones are left to the terminal
   * @param indent spaces before all rows but the first
   */
  static List<AttributedString> rows(AttributedString line, int width, int indent) {
    if (width < LEAST_WIDTH || line.columnLength() <= width) {
      return List.of(line);
    }
    List<AttributedString> rows = new ArrayList<>();
    int start = 0;
    int end = 0;
    int room = width;
    for (int at = afterSpaces(line, 0); at < line.length(); at = afterSpaces(line, end)) {
      int wordEnd = wordEnd(line, at);
      boolean fits = line.subSequence(start, wordEnd).columnLength() <= room;
      if (!fits && end > start && columns(line, at, wordEnd) <= width - indent) {
        rows.add(row(line, start, end, rows.isEmpty() ? 0 : indent));
        start = at;
        room = width - indent;
      }
      end = wordEnd;
    }
    rows.add(row(line, start, line.length(), rows.isEmpty() ? 0 : indent));
    return rows;
  }

  private static int columns(AttributedString line, int from, int to) {
    return line.subSequence(from, to).columnLength();
  }

  private static int afterSpaces(AttributedString line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static int wordEnd(AttributedString line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) != ' ') {
      at++;
    }
    return at;
  }

  private static AttributedString row(AttributedString line, int from, int to, int indent) {
    return new AttributedStringBuilder()
        .append(" ".repeat(indent))
        .append(line.subSequence(from, to))
        .toAttributedString();
  }
}
