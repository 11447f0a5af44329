package chat.engine;

import java.nio.charset.StandardCharsets;

/**
 * The rules that names and texts obey at the border of the engine; what they refuse never reaches a
 * store.
 */
final class TextRules {
  private TextRules() {}

  static String requireName(String what, String value, int maxLength) {
    if (value.isEmpty() || value.length() > maxLength) {
      throw ChatException.badRequest(
          what + " must have 1 to " + maxLength + " characters, not " + value.length());
    }
    int bad = firstForbidden(value, false);
    if (bad >= 0) {
      throw ChatException.badRequest(
          what + " has " + describe(value.charAt(bad)) + " at index " + bad);
    }
    return value;
  }

  /**
   * A text of 1 to maxBytes bytes in UTF-8; tab, line feed and carriage return are its only control
   * characters.
   */
  static String requireText(String what, String value, int maxBytes) {
    if (value.isEmpty()) {
      throw ChatException.badRequest(what + " must not be empty");
    }
    int bad = firstForbidden(value, true);
    if (bad >= 0) {
      throw ChatException.badRequest(
          what + " has " + describe(value.charAt(bad)) + " at index " + bad);
    }
    requireSize(what, value, maxBytes);
    return value;
  }

  static void requireSize(String what, String value, int maxBytes) {
    if (value.length() > maxBytes
        || (value.length() * 3L > maxBytes && utf8Length(value) > maxBytes)) {
      throw ChatException.tooLarge(what + " may have at most " + maxBytes + " bytes in UTF-8");
    }
  }

  static int utf8Length(String value) {
    return value.getBytes(StandardCharsets.UTF_8).length;
  }

  static long parseId(String what, String text) {
    // Long.parseLong would also take a sign and digits of other scripts.
    boolean digits =
        !text.isEmpty() && text.length() <= 19 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (digits) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException tooBig) {
        // falls through: 19 digits can exceed 63 bits
      }
    }
    throw ChatException.badRequest(what + " must be a positive decimal number of 63 bits");
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

  private static String describe(char c) {
    return (Character.isSurrogate(c) ? "half a surrogate pair" : "the control character")
        + String.format(" U+%04X", (int) c);
  }
}
