package chat.engine.examples.console.screen;

import java.util.List;
import org.jline.reader.LineReader;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import tools.jackson.databind.JsonNode;

/**
 * Prints above the line that is being typed, which stays as it is. Callers hold no locks, since
 * what completes that line takes them under the terminal's. Thread-safe.
 */
public final class Screen {
  private static final int NOTE_INDENT = 2;

  private final LineReader reader;
  private final MessageView messages;
  private final Palette palette;
  private final Times times;

  public Screen(LineReader reader, MessageView messages, Palette palette, Times times) {
    this.reader = reader;
    this.messages = messages;
    this.palette = palette;
    this.times = times;
  }

  /**
   * @param elsewhere the label of the conversation that it belongs to, or empty for the open one
   */
  public void message(JsonNode message, String elsewhere) {
    print(messages.lines(message, elsewhere), MessageView.INDENT_WIDTH);
  }

  /** The beginning of a message of a conversation that is not open. */
  public void glimpse(JsonNode message, String elsewhere) {
    print(List.of(messages.glimpse(message, elsewhere)), MessageView.INDENT_WIDTH);
  }

  /** What is good to know; one line. */
  public void note(String text) {
    line(palette.faint(), text);
  }

  /** What was asked for; one line. */
  public void answer(String text) {
    line(palette.plain(), text);
  }

  /** What did not work; one line. */
  public void wrong(String text) {
    line(palette.wrong(), times.inText(text));
  }

  private void line(AttributedStyle style, String text) {
    print(List.of(new AttributedString(SafeText.oneLine(text), style)), NOTE_INDENT);
  }

  private void print(List<AttributedString> lines, int indent) {
    int width = width();
    AttributedStringBuilder all = new AttributedStringBuilder();
    for (AttributedString line : lines) {
      for (AttributedString row : WordWrap.rows(line, width, indent)) {
        all.append(all.length() == 0 ? "" : "\n").append(row);
      }
    }
    reader.printAbove(all.toAttributedString());
  }

  /** Columns that a row may fill, or 0 where lines go to a file or a program. */
  private int width() {
    Terminal terminal = reader.getTerminal();
    boolean dumb = terminal.getType().startsWith(Terminal.TYPE_DUMB);
    return dumb
        ? 0
        : terminal.getSize().getColumns() - 1; // a full row would move the cursor on some
  }
}
