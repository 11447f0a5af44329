package chat.engine.examples.console.screen;

import java.util.regex.Pattern;

/**
 * Text of others, fit for a terminal: it cannot move the cursor, change the terminal, begin a line
 * by itself, or turn the order of what stands around it.
 */
public final class SafeText {
  /**
   * Controls (C0, DEL and C1), line separators, marks and overrides of the direction of writing,
   * and controls of interlinear annotations and of obsolete formatting.
   */
  private static final Pattern UNPRINTABLE =
      Pattern.compile(
          "[\\p{Cc}\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u206F\\uFFF9-\\uFFFB]");

  private static final String TAB = "    ";

  private SafeText() {}

  /** Each character that is not printable becomes a space, a tab four of them. */
  public static String oneLine(String text) {
    return UNPRINTABLE.matcher(text.replace("\t", TAB)).replaceAll(" ");
  }

  /**
   * The beginning of a text, on one line.
   *
   * @param most code points
   */
  public static String beginning(String text, int most) {
    String line = oneLine(text).strip().replaceAll(" {2,}", " ");
    return line.codePointCount(0, line.length()) <= most
        ? line
        : line.substring(0, line.offsetByCodePoints(0, most - 1)) + "…";
  }
}
