package chat.engine.examples.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IRC log. A line {@code [hh:mm] <nick> text} is a message; joins, renames and actions look
 * otherwise and are skipped. Control characters (IRC has some for colours) are left out of the
 * text.
 */
public record IrcLog(List<Line> lines, int skipped) {
  /**
   * @param minute of the day, from the time stamp
   */
  public record Line(int minute, String nick, String text) {}

  private static final Pattern MESSAGE =
      Pattern.compile("\\[(\\d\\d):(\\d\\d)] <([^>\\s]{1,64})> (.+)");

  public static IrcLog read(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    int skipped = 0;
    for (String raw : lines(file)) {
      Matcher message = MESSAGE.matcher(raw.stripTrailing());
      String text = message.matches() ? message.group(4).replaceAll("\\p{Cntrl}", "") : "";
      if (text.isEmpty()) {
        skipped++;
      } else {
        int minute = Integer.parseInt(message.group(1)) * 60 + Integer.parseInt(message.group(2));
        lines.add(new Line(minute, message.group(3), text));
      }
    }
    return new IrcLog(lines, skipped);
  }

  /** Unlike {@link Files#readAllLines}, takes bytes that are not UTF-8: old logs have some. */
  private static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }
}
