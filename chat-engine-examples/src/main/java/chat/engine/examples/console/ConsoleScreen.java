package chat.engine.examples.console;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import tools.jackson.databind.JsonNode;

/** How {@link ConsoleTalk} looks: lines above the prompt. Thread-safe. */
public final class ConsoleScreen {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");

  /** Controls, line separators, and marks of the direction of writing. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]");

  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle FAINT = AttributedStyle.DEFAULT.faint();
  private static final AttributedStyle WRONG =
      AttributedStyle.DEFAULT.foreground(AttributedStyle.RED);
  private static final int[] NAME_COLOURS = {
    AttributedStyle.GREEN,
    AttributedStyle.YELLOW,
    AttributedStyle.BLUE,
    AttributedStyle.MAGENTA,
    AttributedStyle.CYAN
  };

  private final String me;
  private final LineReader terminal;

  /**
   * @param me whose messages are called "you"
   */
  public ConsoleScreen(String me, LineReader terminal) {
    this.me = me;
    this.terminal = terminal;
  }

  /**
   * @param elsewhere the conversation that it belongs to, or empty for the one at hand
   */
  void message(JsonNode message, String elsewhere) {
    String from = message.get("from").asString();
    AttributedStringBuilder line = new AttributedStringBuilder();
    line.styled(FAINT, time(message) + " ");
    if (!elsewhere.isEmpty()) {
      line.styled(FAINT, "[" + printable(elsewhere) + "] ");
    }
    line.styled(style(from), (from.equals(me) ? "you" : printable(from)) + ": ");
    line.styled(PLAIN, printable(message.get("text").asString()));
    terminal.printAbove(line.toAttributedString());
  }

  void note(String text) {
    line(FAINT, text);
  }

  void wrong(String text) {
    line(WRONG, text);
  }

  private void line(AttributedStyle style, String text) {
    terminal.printAbove(
        new AttributedStringBuilder().styled(style, printable(text)).toAttributedString());
  }

  /**
   * A stranger's text must not move the cursor, change the terminal, or turn the order of what
   * stands around it.
   */
  static String printable(String text) {
    return UNPRINTABLE.matcher(text).replaceAll(" ");
  }

  private static String time(JsonNode message) {
    return TIME.format(
        Instant.parse(message.get("created_at").asString()).atZone(ZoneId.systemDefault()));
  }

  private AttributedStyle style(String name) {
    return name.equals(me)
        ? AttributedStyle.BOLD
        : AttributedStyle.DEFAULT.foreground(
            NAME_COLOURS[Math.floorMod(name.hashCode(), NAME_COLOURS.length)]);
  }
}
