package chat.engine;

/**
 * Invisible characters, by one rule for every name and text: Unicode's Default_Ignorable_Code_Point
 * (<a href="https://www.unicode.org/reports/tr44/">UAX 44</a>), which includes the zero-width
 * characters, the marks and overrides of direction, variation selectors, tags, and the Hangul and
 * Khmer fillers; and in addition U+16FE4, the filler of the Khitan script, and U+2800, the empty
 * pattern of Braille. A name that contains one looks like another name. Stateless.
 */
public final class InvisibleCharacters {
  /** First and last code points, ascending. */
  private static final int[] RANGES = {
    0x00AD, 0x00AD,
    0x034F, 0x034F,
    0x061C, 0x061C,
    0x115F, 0x1160,
    0x17B4, 0x17B5,
    0x180B, 0x180F,
    0x200B, 0x200F,
    0x202A, 0x202E,
    0x2060, 0x206F,
    0x2800, 0x2800,
    0x3164, 0x3164,
    0xFE00, 0xFE0F,
    0xFEFF, 0xFEFF,
    0xFFA0, 0xFFA0,
    0xFFF0, 0xFFF8,
    0x16FE4, 0x16FE4,
    0x1BCA0, 0x1BCA3,
    0x1D173, 0x1D17A,
    0xE0000, 0xE0FFF
  };

  private static final int FIRST = RANGES[0];
  private static final int ZERO_WIDTH_JOINER = 0x200D;
  private static final int EMOJI_PRESENTATION = 0xFE0F;
  private static final int FIRST_PICTOGRAPH = 0x1F000;
  private static final int LAST_PICTOGRAPH = 0x1FFFF;

  private InvisibleCharacters() {}

  /** Whether this character is invisible. White space is not: it shows as a gap. */
  public static boolean contain(int codePoint) {
    if (codePoint < FIRST) {
      return false;
    }
    for (int i = 0; i < RANGES.length && RANGES[i] <= codePoint; i += 2) {
      if (codePoint <= RANGES[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Whether a text shows nothing: it is empty, or all of it is white space or invisible. */
  public static boolean areAllOf(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int codePoint = text.codePointAt(i);
      if (!isGap(codePoint) && !contain(codePoint)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isGap(int codePoint) {
    return Character.isSpaceChar(codePoint) // with U+00A0 and its like, which are no white space
        || Character.isWhitespace(codePoint)
        || Character.isISOControl(codePoint);
  }

  /**
   * Whether a name has an invisible character or a line break. In an emoji of several code points,
   * U+200D and U+FE0F are part of what is visible, and do not count.
   */
  static boolean spoil(String name) {
    int before = 0;
    for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
      int codePoint = name.codePointAt(i);
      int next = i + Character.charCount(codePoint);
      int after = next < name.length() ? name.codePointAt(next) : 0;
      if (codePoint == '\u2028' || codePoint == '\u2029') {
        return true;
      }
      if (contain(codePoint) && !isInEmoji(before, codePoint, after)) {
        return true;
      }
      before = codePoint;
    }
    return false;
  }

  private static boolean isInEmoji(int before, int codePoint, int after) {
    return switch (codePoint) {
      case EMOJI_PRESENTATION -> isPictograph(before) || isSymbol(before);
      case ZERO_WIDTH_JOINER ->
          (isPictograph(before) || before == EMOJI_PRESENTATION) && isPictograph(after);
      default -> false;
    };
  }

  /** Also one that is younger than the Unicode of this JDK. */
  private static boolean isPictograph(int codePoint) {
    return (codePoint >= FIRST_PICTOGRAPH && codePoint <= LAST_PICTOGRAPH)
        || Character.getType(codePoint) == Character.OTHER_SYMBOL;
  }

  /** Others that an emoji can begin with: arrows, digits of keycaps, double exclamation marks. */
  private static boolean isSymbol(int codePoint) {
    return Character.getType(codePoint) == Character.MATH_SYMBOL
        || codePoint == '#'
        || codePoint == '*'
        || (codePoint >= '0' && codePoint <= '9')
        || codePoint == 0x203C
        || codePoint == 0x2049;
  }
}
