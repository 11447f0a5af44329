package chat.engine.examples.console.screen;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import tools.jackson.databind.JsonNode;

/** A text in lines, with some of its parts in a style of their own. */
final class TextSpans {
  private static final Pattern LINE_END = Pattern.compile("\\R");

  private final String text;
  private final boolean[] marked;

  TextSpans(String text) {
    this.text = text;
    this.marked = new boolean[text.length()];
  }

  /** Marks what {@code highlights} of a search name. */
  TextSpans mark(JsonNode highlights) {
    for (JsonNode span : highlights) {
      mark(span.path("start").asInt(0), span.path("end").asInt(0));
    }
    return this;
  }

  /** Marks a word wherever it stands, in any case. */
  TextSpans mark(String word) {
    String lower = text.toLowerCase(Locale.ROOT);
    String wanted = word.toLowerCase(Locale.ROOT);
    for (int at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      mark(at, at + word.length());
    }
    return this;
  }

  private void mark(int start, int end) {
    for (int i = Math.max(0, start); i < Math.min(end, marked.length); i++) {
      marked[i] = true;
    }
  }

  List<AttributedString> lines(AttributedStyle plain, AttributedStyle mark) {
    List<AttributedString> lines = new ArrayList<>();
    Matcher end = LINE_END.matcher(text);
    int from = 0;
    while (end.find()) {
      lines.add(line(from, end.start(), plain, mark));
      from = end.end();
    }
    lines.add(line(from, text.length(), plain, mark));
    return lines;
  }

  private AttributedString line(int from, int to, AttributedStyle plain, AttributedStyle mark) {
    AttributedStringBuilder line = new AttributedStringBuilder();
    int begin = from;
    while (begin < to) {
      int end = begin;
      while (end < to && marked[end] == marked[begin]) {
        end++;
      }
      line.styled(marked[begin] ? mark : plain, SafeText.oneLine(text.substring(begin, end)));
      begin = end;
    }
    return line.toAttributedString();
  }
}
