package chat.engine.spi.search;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Makes characters equal that a reader takes for the same in a search: compatibility forms (Unicode
 * NFKD, so full and half width), accents, and upper and lower case (by way of upper case, so that
 * {@code ß} becomes {@code ss} and the dotless {@code ı} becomes {@code i}). Independent of the
 * default locale. Marks that are letters of their script, as in Thai, Hindi or Japanese, stay.
 */
final class Folding {
  /** Marks of these are accents, points and the like, which texts often leave out. */
  private static final Set<UnicodeScript> OPTIONAL_MARKS =
      EnumSet.of(
          UnicodeScript.INHERITED,
          UnicodeScript.COMMON,
          UnicodeScript.LATIN,
          UnicodeScript.GREEK,
          UnicodeScript.CYRILLIC,
          UnicodeScript.HEBREW,
          UnicodeScript.ARABIC);

  private static final int VOICED_MARK = 0x3099;
  private static final int SEMI_VOICED_MARK = 0x309A;
  private static final int HALF_WIDTH_VOICED_MARK = 0xFF9E;
  private static final int HALF_WIDTH_SEMI_VOICED_MARK = 0xFF9F;
  private static final int FIRST_MEDIAL_JAMO = 0x1160;
  private static final int LAST_FINAL_JAMO = 0x11FF;
  private static final int TATWEEL = 0x640;

  private static final int FIRST_CYRILLIC = 0x430;
  private static final int LAST_CYRILLIC = 0x44F;
  private static final int SHORT_I = 0x439; // which has an accent
  private static final int FIRST_THAI_CONSONANT = 0xE01;
  private static final int LAST_THAI_CONSONANT = 0xE2E;
  private static final int FIRST_HIRAGANA = 0x3041;
  private static final int LAST_HIRAGANA = 0x3096;
  private static final int FIRST_IDEOGRAPH = 0x4E00;
  private static final int LAST_IDEOGRAPH = 0x9FFF;
  private static final int FIRST_HANGUL = 0xAC00;
  private static final int LAST_HANGUL = 0xD7A3;

  private Folding() {}

  /**
   * Whether a character is its own folding, if nothing continues it: most of those that have no
   * case and no accents, which need not go the long way.
   */
  static boolean isFolded(int point) {
    return (point >= 'a' && point <= 'z')
        || (point < 'A' && point > 0)
        || (point >= FIRST_CYRILLIC && point <= LAST_CYRILLIC && point != SHORT_I)
        || (point >= FIRST_THAI_CONSONANT && point <= LAST_THAI_CONSONANT)
        || (point >= FIRST_HIRAGANA && point <= LAST_HIRAGANA)
        || (point >= FIRST_IDEOGRAPH && point <= LAST_IDEOGRAPH)
        || (point >= FIRST_HANGUL && point <= LAST_HANGUL);
  }

  /** Whether a character belongs to the one before it. */
  static boolean continues(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.FORMAT ->
          true;
      default ->
          (point >= FIRST_MEDIAL_JAMO && point <= LAST_FINAL_JAMO)
              || point == HALF_WIDTH_VOICED_MARK
              || point == HALF_WIDTH_SEMI_VOICED_MARK
              || point == TATWEEL;
    };
  }

  /** Of a character with all that continues it. */
  static String fold(String cluster) {
    StringBuilder kept = new StringBuilder();
    Normalizer.normalize(cluster, Normalizer.Form.NFKD)
        .codePoints()
        .filter(point -> !isOptional(point))
        .map(Folding::baseLetter)
        .forEach(kept::appendCodePoint);
    String lower = kept.toString().toLowerCase(Locale.ROOT);
    String folded = lower.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    return Normalizer.normalize(folded.replace("æ", "ae").replace("œ", "oe"), Normalizer.Form.NFC);
  }

  private static boolean isOptional(int point) {
    return switch (Character.getType(point)) {
      case Character.FORMAT, Character.ENCLOSING_MARK -> true;
      case Character.NON_SPACING_MARK ->
          point != VOICED_MARK
              && point != SEMI_VOICED_MARK
              && OPTIONAL_MARKS.contains(UnicodeScript.of(point));
      default -> point == TATWEEL;
    };
  }

  /** Letters with a stroke, which Unicode does not take apart. */
  private static int baseLetter(int point) {
    return switch (point) {
      case 'ø', 'Ø' -> 'o';
      case 'đ', 'Đ' -> 'd';
      case 'ł', 'Ł' -> 'l';
      case 'ħ', 'Ħ' -> 'h';
      default -> point;
    };
  }
}
