package chat.engine.internal.bot;

import java.nio.charset.StandardCharsets;

/**
 * A text that grows by pieces, cut anywhere, into what a message can have: without control
 * characters but tab and line ends, and without halves of surrogate pairs. Not thread-safe.
 */
final class AnswerText {
  /** What a message says before it says anything. */
  static final String NOTHING_YET = "…";

  private final int maxBytes;
  private final StringBuilder text = new StringBuilder();
  private int bytes;

  /** The first half of a pair at the end of a piece; 0 without. */
  private char pending;

  /**
   * @param maxBytes in UTF-8
   */
  AnswerText(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** What of a text a message can have. */
  static String clean(String text) {
    AnswerText cleaned = new AnswerText(Integer.MAX_VALUE);
    cleaned.append(text);
    return cleaned.toString();
  }

  /**
   * @return false if there is no room for it; then nothing was added
   */
  boolean append(String piece) {
    String whole = pending == 0 ? piece : pending + piece;
    StringBuilder cleaned = new StringBuilder(whole.length());
    char half = 0;
    for (int i = 0; i < whole.length(); ) {
      int point = whole.codePointAt(i);
      i += Character.charCount(point);
      if (isHalf(point)) {
        half = i == whole.length() && Character.isHighSurrogate((char) point) ? (char) point : 0;
      } else if (!Character.isISOControl(point)
          || point == '\t'
          || point == '\n'
          || point == '\r') {
        cleaned.appendCodePoint(point);
      }
    }
    int more = cleaned.toString().getBytes(StandardCharsets.UTF_8).length;
    if (more > maxBytes - bytes) {
      return false;
    }
    bytes += more;
    pending = half;
    text.append(cleaned);
    return true;
  }

  private static boolean isHalf(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
