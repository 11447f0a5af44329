package chat.engine.spi.search;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A text as {@link Folding} makes it, cut into pieces, with the way back: which characters of the
 * text each one comes from. Built in one pass. Immutable once built, except that it hands out no
 * copies of its arrays within this package.
 */
final class FoldedText {
  /** How a piece is compared. */
  enum Kind {
    /** A word between separators. */
    WORD,
    /** A run of a script without spaces, or of emojis: a query may begin and end anywhere in it. */
    RUN
  }

  /**
   * A piece, as a range of the folded characters.
   *
   * @param end behind the last
   */
  record Piece(Kind kind, int start, int end) {
    int length() {
      return end - start;
    }
  }

  private static final Set<UnicodeScript> WITHOUT_SPACES =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.HANGUL,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private static final int PROLONGED_SOUND = 0x30FC;
  private static final int FIRST_SYMBOL = 0x2190;
  private static final int FIRST_EMOJI = 0x1F000;
  private static final int LAST_EMOJI = 0x1FAFF;

  private final List<Piece> pieces = new ArrayList<>();
  private int[] points;
  private int[] starts;
  private int[] ends;
  private int size;

  FoldedText(String text) {
    points = new int[text.length() + 1];
    starts = new int[text.length() + 1];
    ends = new int[text.length() + 1];
    read(text);
    cut();
  }

  private void read(String text) {
    int next = 0;
    while (next < text.length()) {
      int start = next;
      int point = text.codePointAt(next);
      next += Character.charCount(point);
      while (next < text.length() && Folding.continues(text.codePointAt(next))) {
        next += Character.charCount(text.codePointAt(next));
      }
      boolean alone = next == start + Character.charCount(point);
      if (alone && Folding.isFolded(point)) {
        add(point, start, next);
      } else if (alone && point < 0x80) {
        add(point >= 'A' && point <= 'Z' ? point + ('a' - 'A') : point, start, next);
      } else {
        String folded = Folding.fold(text.substring(start, next));
        for (int i = 0; i < folded.length(); i += Character.charCount(folded.codePointAt(i))) {
          add(folded.codePointAt(i), start, next);
        }
      }
    }
  }

  private void add(int point, int start, int end) {
    if (size == points.length) {
      points = Arrays.copyOf(points, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    points[size] = point;
    starts[size] = start;
    ends[size] = end;
    size++;
  }

  private void cut() {
    int start = 0;
    while (start < size) {
      Kind kind = kind(points[start], null);
      int end = start + 1;
      while (end < size && kind(points[end], kind) == kind) {
        end++;
      }
      if (kind != null) {
        pieces.add(new Piece(kind, start, end));
      }
      start = end;
    }
  }

  /**
   * @param before of the character in front; null for a separator
   * @return null for a separator
   */
  private static @Nullable Kind kind(int point, @Nullable Kind before) {
    if (point < 0x80) {
      return Character.isLetterOrDigit(point) ? Kind.WORD : null;
    }
    if (isSymbol(point)) {
      return Kind.RUN;
    }
    if (point == PROLONGED_SOUND || WITHOUT_SPACES.contains(UnicodeScript.of(point))) {
      return isPartOfWord(point) ? Kind.RUN : null;
    }
    if (isMark(point)) {
      return before == null ? Kind.WORD : before;
    }
    return isPartOfWord(point) ? Kind.WORD : null;
  }

  private static boolean isPartOfWord(int point) {
    return Character.isLetterOrDigit(point)
        || isMark(point)
        || Character.getType(point) == Character.LETTER_NUMBER
        || Character.getType(point) == Character.OTHER_NUMBER;
  }

  private static boolean isMark(int point) {
    int type = Character.getType(point);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private static boolean isSymbol(int point) {
    return (point >= FIRST_EMOJI && point <= LAST_EMOJI)
        || (point >= FIRST_SYMBOL && Character.getType(point) == Character.OTHER_SYMBOL);
  }

  /** Whether a single character has a meaning alone: an ideograph or an emoji. */
  static boolean isMeaningful(int point) {
    return isSymbol(point) || UnicodeScript.of(point) == UnicodeScript.HAN;
  }

  List<Piece> pieces() {
    return pieces;
  }

  int point(int index) {
    return points[index];
  }

  int[] points(Piece piece) {
    return Arrays.copyOfRange(points, piece.start(), piece.end());
  }

  /** Whether these characters are at a place, which must not be too near the end. */
  boolean hasAt(int index, int[] wanted) {
    return Arrays.equals(points, index, index + wanted.length, wanted, 0, wanted.length);
  }

  /** Where in the text the character begins that became a folded one. */
  int startOf(int index) {
    return starts[index];
  }

  /** Where it ends. */
  int endOf(int index) {
    return ends[index];
  }
}
