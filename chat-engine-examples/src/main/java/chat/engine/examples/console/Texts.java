package chat.engine.examples.console;

import java.util.regex.Pattern;

/** The text of a line that was entered. */
final class Texts {
  /** The server takes no controls but these two; they come with pasted text. */
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}&&[^\\n\\t]]");

  private static final Pattern BLANK_ENDS = Pattern.compile("^(\\s*\\n)+|\\s+$");

  private Texts() {}

  /** Without controls, and without blank lines around it. */
  static String toSend(String line) {
    String text = CONTROLS.matcher(line.replace("\r\n", "\n")).replaceAll("");
    String trimmed = BLANK_ENDS.matcher(text).replaceAll("");
    return trimmed.contains("\n") ? trimmed : trimmed.strip(); // an indented paste stays indented
  }
}
