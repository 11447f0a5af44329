package chat.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a message that answers another shows of it: the answered message in the state that it had
 * when the answer was read, or, in the event of a new message, when the answer was committed. Of
 * two states of a message the one with the higher rev is the later. Immutable.
 *
 * @param seq of the answered message
 * @param from who sent it; {@link UserId#SYSTEM} for a system message
 * @param text its beginning, see {@link #cut}; empty if it was deleted
 * @param rev of the last change that edited or deleted it; 0 if it is as it was sent
 * @param edited whether it was edited, and not deleted since
 * @param deleted whether it was deleted
 */
public record ReplyPreview(
    long seq, UserId from, String text, long rev, boolean edited, boolean deleted) {
  /** What a preview shows of a text, in code points. */
  public static final int MAX_TEXT_CODE_POINTS = 140;

  /** An extended grapheme cluster (UAX #29). */
  private static final Pattern CHARACTER = Pattern.compile("\\X");

  /** Of a message as it is. */
  public static ReplyPreview of(Message answered) {
    return new ReplyPreview(
        answered.seq(),
        answered.from(),
        cut(answered.text()),
        answered.rev(),
        answered.editedAt() != null && !answered.deleted(),
        answered.deleted());
  }

  /**
   * The first {@value #MAX_TEXT_CODE_POINTS} code points of a text, and so many less that no
   * character of several code points, as readers see them, is cut in two. Only a single character
   * that is longer than that is cut.
   */
  public static String cut(String text) {
    if (text.length() <= MAX_TEXT_CODE_POINTS
        || text.codePointCount(0, text.length()) <= MAX_TEXT_CODE_POINTS) {
      return text;
    }
    int most = text.offsetByCodePoints(0, MAX_TEXT_CODE_POINTS);
    Matcher characters = CHARACTER.matcher(text);
    int end = 0;
    while (end < most && characters.find() && characters.end() <= most) {
      end = characters.end();
    }
    return text.substring(0, end == 0 ? most : end);
  }
}
