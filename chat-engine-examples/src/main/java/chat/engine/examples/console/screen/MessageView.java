package chat.engine.examples.console.screen;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import tools.jackson.databind.JsonNode;

/**
 * A message as lines: what it answers; its number, time, author and text; its files and reactions.
 * Immutable.
 */
public final class MessageView {
  private static final int PREVIEW = 60;
  private static final int NUMBER_WIDTH = 4;

  /** Where the lines of a message begin that have no number. */
  static final int INDENT_WIDTH = NUMBER_WIDTH + 1;

  private static final String INDENT = " ".repeat(INDENT_WIDTH);

  private final String me;
  private final Palette palette;
  private final Times times;

  /**
   * @param me whose messages are called "you"
   */
  public MessageView(String me, Palette palette, Times times) {
    this.me = me;
    this.palette = palette;
    this.times = times;
  }

  /**
   * @param elsewhere the label of the conversation that it belongs to, or empty for the open one
   */
  public List<AttributedString> lines(JsonNode message, String elsewhere) {
    List<AttributedString> lines = new ArrayList<>();
    JsonNode answered = message.path("reply_preview");
    if (answered.isObject()) {
      lines.add(faint("> " + preview(answered)));
    }
    List<AttributedString> text = text(message);
    lines.add(
        new AttributedStringBuilder()
            .append(head(message, elsewhere))
            .append(text.get(0))
            .toAttributedString());
    for (AttributedString more : text.subList(1, text.size())) {
      lines.add(new AttributedStringBuilder().append(INDENT).append(more).toAttributedString());
    }
    int files = message.path("attachments").size();
    if (files > 0) {
      String count = files == 1 ? "1 file" : files + " files";
      lines.add(faint("[" + count + ": /save " + message.get("seq").asLong() + "]"));
    }
    if (!message.path("reactions").isEmpty()) {
      lines.add(reactions(message.get("reactions")));
    }
    return lines;
  }

  /** Its beginning, on one line. */
  AttributedString glimpse(JsonNode message, String elsewhere) {
    return new AttributedStringBuilder()
        .append(head(message, elsewhere))
        .append(beginning(message))
        .toAttributedString();
  }

  private static String beginning(JsonNode message) {
    String text = SafeText.beginning(message.path("text").asString(""), PREVIEW);
    int files = message.path("attachments").size();
    if (message.path("deleted").asBoolean(false)) {
      return "(deleted)";
    }
    return files == 0 ? text : text.isEmpty() ? "(file)" : text + " (file)";
  }

  private AttributedString head(JsonNode message, String elsewhere) {
    String number = Long.toString(message.get("seq").asLong());
    AttributedStringBuilder head = new AttributedStringBuilder();
    head.append(" ".repeat(Math.max(0, NUMBER_WIDTH - number.length())));
    head.styled(palette.faint(), number + " " + times.of(message.get("created_at").asString()));
    if (!elsewhere.isEmpty()) {
      head.styled(palette.faint(), " [" + SafeText.oneLine(elsewhere) + "]");
    }
    String from = message.get("from").asString();
    head.append(" ").styled(style(from), called(from) + ":").append(" ");
    return head.toAttributedString();
  }

  private List<AttributedString> text(JsonNode message) {
    if (message.path("deleted").asBoolean(false)) {
      return List.of(new AttributedString("(deleted)", palette.faint()));
    }
    TextSpans spans = new TextSpans(message.path("text").asString(""));
    spans.mark(message.path("highlights"));
    for (JsonNode mentioned : message.path("mentions")) {
      if (mentioned.asString().equals(me)) {
        spans.mark("@" + me);
      }
    }
    List<AttributedString> lines = new ArrayList<>();
    if (message.has("forward_of")) {
      lines.add(new AttributedString("(forwarded)", palette.faint()));
    }
    lines.addAll(spans.lines(palette.plain(), palette.marked()));
    if (message.has("edited_at")) {
      int last = lines.size() - 1;
      lines.set(
          last,
          new AttributedStringBuilder()
              .append(lines.get(last))
              .styled(palette.faint(), " (edited)")
              .toAttributedString());
    }
    return lines;
  }

  private String preview(JsonNode answered) {
    return answered.get("seq").asLong()
        + " "
        + called(answered.get("from").asString())
        + ": "
        + beginning(answered);
  }

  private AttributedString reactions(JsonNode reactions) {
    AttributedStringBuilder line = new AttributedStringBuilder().append(INDENT);
    for (JsonNode reaction : reactions) {
      AttributedStyle style =
          reaction.path("me").asBoolean(false) ? palette.own() : palette.faint();
      line.styled(
          style,
          SafeText.oneLine(reaction.get("emoji").asString())
              + " "
              + reaction.get("count").asLong());
      line.append("  ");
    }
    return line.subSequence(0, line.length() - 2);
  }

  private AttributedString faint(String text) {
    return new AttributedString(INDENT + text, palette.faint());
  }

  private String called(String username) {
    return username.equals(me)
        ? "you"
        : username.isEmpty() ? "the server" : SafeText.oneLine(username);
  }

  private AttributedStyle style(String username) {
    return username.equals(me) ? palette.own() : palette.person(username);
  }
}
