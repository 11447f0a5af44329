package chat.engine.examples.console.screen;

import java.util.List;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import tools.jackson.databind.JsonNode;

/**
 * Prints above the line that is being typed, which stays as it is. Callers hold no locks, since
 * what completes that line takes them under the terminal's. Thread-safe.
 */
public final class Screen {
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
    print(messages.lines(message, elsewhere));
  }

  /** The beginning of a message of a conversation that is not open. */
  public void glimpse(JsonNode message, String elsewhere) {
    print(List.of(messages.glimpse(message, elsewhere)));
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
    print(List.of(new AttributedString(SafeText.oneLine(text), style)));
  }

  private void print(List<AttributedString> lines) {
    AttributedStringBuilder all = new AttributedStringBuilder();
    for (AttributedString line : lines) {
      all.append(all.length() == 0 ? "" : "\n").append(line);
    }
    reader.printAbove(all.toAttributedString());
  }
}
