package chat.engine;

import java.nio.charset.StandardCharsets;

/**
 * The rules that names and texts obey at the border of the engine; what they refuse never reaches a
 * store.
 */
final class TextRules {
  private TextRules() {}

  static String requireName(String what, String value, int maxLength) {
    requireLength(what, value, maxLength);
    requireCharacters(what, value, false);
    return value;
  }

  /**
   * A name that people read and tell from others: not blank, and without invisible characters; see
   * {@link InvisibleCharacters}.
   */
  static String requireVisibleName(String what, String value, int maxLength) {
    requireName(what, value, maxLength);
    if (InvisibleCharacters.areAllOf(value)) {
      throw ChatException.badRequest(what + " must have a character that can be seen");
    }
    if (InvisibleCharacters.spoil(value)) {
      throw ChatException.badRequest(
          what + " has an invisible character, a change of direction or a line break");
    }
    return value;
  }

  /**
   * What somebody writes, in a message or an edit of one: a {@link #requireText text} in which
   * there is something to see.
   */
  static String requireMessage(String what, String value, int maxBytes) {
    if (!value.isEmpty() && InvisibleCharacters.areAllOf(value)) {
      requireCharacters(what, value, true);
      throw ChatException.badRequest(
          what + " has nothing to see: only spaces, line breaks or invisible characters");
    }
    return requireText(what, value, maxBytes);
  }

  /**
   * A text of 1 to maxBytes bytes in UTF-8; tab, line feed and carriage return are its only control
   * characters.
   */
  static String requireText(String what, String value, int maxBytes) {
    if (value.isEmpty()) {
      throw ChatException.badRequest(what + " must not be empty");
    }
    requireCharacters(what, value, true);
    requireSize(what, value, maxBytes);
    return value;
  }

  private static void requireCharacters(String what, String value, boolean linesAllowed) {
    int bad = firstForbidden(value, linesAllowed);
    if (bad >= 0) {
      throw ChatException.badRequest(what + " has " + describe(value.charAt(bad)));
    }
  }

  static void requireSize(String what, String value, int maxBytes) {
    if (value.length() > maxBytes
        || (value.length() * 3L > maxBytes && utf8Length(value) > maxBytes)) {
      throw ChatException.tooLarge(what + " may have at most " + maxBytes + " bytes in UTF-8");
    }
  }

  static void requireLength(String what, String value, int maxLength) {
    if (value.isEmpty() || value.length() > maxLength) {
      throw ChatException.badRequest(
          what + " must have 1 to " + maxLength + " characters, not " + value.length());
    }
  }

  static int utf8Length(String value) {
    return value.getBytes(StandardCharsets.UTF_8).length;
  }

  static long parseId(String what, String text) {
    // Long.parseLong would also take a sign and digits of other scripts.
    boolean digits =
        !text.isEmpty() && text.length() <= 19 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (digits && (text.charAt(0) != '0' || text.length() == 1)) { // one id has one spelling
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException tooBig) {
        // falls through: 19 digits can exceed 63 bits
      }
    }
    throw ChatException.badRequest(
        what + " must be a positive decimal number of 63 bits, without leading zeros");
  }

  private static int firstForbidden(String value, boolean linesAllowed) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        continue;
      }
      if (Character.isISOControl(c)) {
        if (!(linesAllowed && (c == '\n' || c == '\t' || c == '\r'))) {
          return i;
        }
      } else if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /** For people: they see these sentences when they paste something strange. */
  private static String describe(char c) {
    return Character.isSurrogate(c)
        ? "a broken character, such as one half of an emoji"
        : String.format("a control character (U+%04X), which cannot be shown", (int) c);
  }
}
