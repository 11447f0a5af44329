package chat.engine.spi.search;

import chat.engine.SearchHit;
import chat.engine.SearchHit.Highlight;
import chat.engine.spi.search.FoldedText.Kind;
import chat.engine.spi.search.FoldedText.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The words of a query, and whether a text has all of them. Immutable.
 *
 * @see chat.engine.SearchQuery
 */
public final class SearchWords {
  private final List<Word> words;

  /**
   * One word to be found.
   *
   * @param prefix whether it may be the beginning of a longer word
   */
  record Word(Kind kind, int[] points, boolean prefix) {
    boolean equalTo(Word other) {
      return kind == other.kind && prefix == other.prefix && Arrays.equals(points, other.points);
    }
  }

  private SearchWords(List<Word> words) {
    this.words = List.copyOf(words);
  }

  public static SearchWords of(String query) {
    FoldedText folded = new FoldedText(query);
    List<Piece> pieces = folded.pieces();
    List<Word> words = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      boolean prefix = piece.kind() == Kind.WORD && i == pieces.size() - 1;
      Word word = new Word(piece.kind(), folded.points(piece), prefix);
      if (words.stream().noneMatch(word::equalTo)) {
        words.add(word);
      }
    }
    return new SearchWords(words);
  }

  /** Whether there is no word, so that nothing matches. */
  public boolean isEmpty() {
    return words.isEmpty();
  }

  List<Word> words() {
    return words;
  }

  /**
   * Where the words are in a text: empty if one of them is not there, or if there is no word to
   * look for.
   */
  public Optional<List<Highlight>> find(String text) {
    if (words.isEmpty() || text.isEmpty()) {
      return Optional.empty();
    }
    FoldedText folded = new FoldedText(text);
    List<Highlight> found = new ArrayList<>();
    for (Word word : words) {
      int before = found.size();
      for (Piece piece : folded.pieces()) {
        if (piece.kind() == word.kind() && piece.length() >= word.points().length) {
          find(word, piece, folded, found);
        }
      }
      if (found.size() == before) {
        return Optional.empty();
      }
    }
    return Optional.of(merged(found));
  }

  private static void find(Word word, Piece piece, FoldedText text, List<Highlight> found) {
    int length = word.points().length;
    if (word.kind() == Kind.WORD) {
      if ((word.prefix() || piece.length() == length) && text.hasAt(piece.start(), word.points())) {
        found.add(highlight(text, piece.start(), length));
      }
      return;
    }
    int at = piece.start();
    while (at + length <= piece.end()) {
      if (text.hasAt(at, word.points())) {
        found.add(highlight(text, at, length));
        at += length;
      } else {
        at++;
      }
    }
  }

  private static Highlight highlight(FoldedText text, int start, int length) {
    return new Highlight(text.startOf(start), text.endOf(start + length - 1));
  }

  private static List<Highlight> merged(List<Highlight> found) {
    found.sort(Comparator.comparingInt(Highlight::start).thenComparingInt(Highlight::end));
    List<Highlight> merged = new ArrayList<>();
    for (Highlight next : found) {
      int last = merged.size() - 1;
      if (last >= 0 && next.start() < merged.get(last).end()) {
        Highlight before = merged.get(last);
        merged.set(last, new Highlight(before.start(), Math.max(before.end(), next.end())));
      } else if (merged.size() == SearchHit.MAX_HIGHLIGHTS) {
        break;
      } else {
        merged.add(next);
      }
    }
    return merged;
  }
}
