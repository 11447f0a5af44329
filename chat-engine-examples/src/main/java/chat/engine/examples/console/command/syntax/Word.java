package chat.engine.examples.console.command.syntax;

import java.util.ArrayList;
import java.util.List;

/**
 * A word of a line. Double quotes and backslashes keep spaces in a word, as in shells; elsewhere a
 * backslash is just one.
 *
 * @param start where it begins in the line
 * @param end where it ends, exclusive
 */
record Word(String text, int start, int end) {
  private static final String ESCAPED = " \"\\";

  static List<Word> split(String line) {
    List<Word> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    int start = -1;
    for (int i = 0; i < line.length(); i++) {
      char at = line.charAt(i);
      if (!quoted && Character.isWhitespace(at)) {
        if (start >= 0) {
          words.add(new Word(word.toString(), start, i));
          word.setLength(0);
          start = -1;
        }
        continue;
      }
      start = start < 0 ? i : start;
      if (at == '\\' && i + 1 < line.length() && ESCAPED.indexOf(line.charAt(i + 1)) >= 0) {
        i++;
        word.append(line.charAt(i));
      } else if (at == '"') {
        quoted = !quoted;
      } else {
        word.append(at);
      }
    }
    if (start >= 0) {
      words.add(new Word(word.toString(), start, line.length()));
    }
    return words;
  }

  /** How a text is typed so that it is one word. */
  static String typed(String text) {
    return text.replaceAll("[ \"\\\\]", "\\\\$0");
  }
}
