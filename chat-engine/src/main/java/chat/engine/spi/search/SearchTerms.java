package chat.engine.spi.search;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.search.FoldedText.Kind;
import chat.engine.spi.search.FoldedText.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What an index knows of a text: numbers, each the hash of a piece of a word and of the place, a
 * conversation and a piece of its messages. Since the place is part of it, a term leads to messages
 * of one conversation only, whatever is written in others.
 *
 * <p>Of a word the terms are its first 2, 3, 5 and 8 characters, as far as it has so many, so that
 * every beginning of a word has a term which leads to it and to few others. In scripts without
 * spaces they are all pairs of characters, and each ideograph. The sender has a term too. A message
 * that has all terms of a query need not match it; {@link SearchWords#find} tells.
 *
 * <p>Stores keep these numbers: another way to make them needs an index made anew.
 */
public final class SearchTerms {
  private static final int[] PREFIXES = {2, 3, 5, 8};
  private static final int PAIR = 2;
  private static final int MAX_TERMS_OF_A_QUERY = 4;

  private static final long WORD = 1;
  private static final long RUN = 2;
  private static final long SENDER = 3;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private SearchTerms() {}

  /** Terms of a message, ascending, each once. */
  public static long[] of(ConversationId conversation, long bucket, UserId sender, String text) {
    long place = place(conversation, bucket);
    LongStream.Builder terms = LongStream.builder().add(at(place, sender(sender)));
    FoldedText folded = new FoldedText(text);
    for (Piece piece : folded.pieces()) {
      int[] points = folded.points(piece);
      if (piece.kind() == Kind.WORD) {
        for (int length : PREFIXES) {
          if (length <= points.length) {
            terms.add(at(place, hash(WORD, points, 0, length)));
          }
        }
      } else {
        for (int i = 0; i < points.length; i++) {
          if (FoldedText.isMeaningful(points[i])) {
            terms.add(at(place, hash(RUN, points, i, 1)));
          }
          if (i + PAIR <= points.length) {
            terms.add(at(place, hash(RUN, points, i, PAIR)));
          }
        }
      }
    }
    return terms.build().sorted().distinct().toArray();
  }

  /**
   * What a message must have to match a query, as far as terms can tell: at most four, those that
   * lead to the fewest messages. They hold in every place; {@link #at} gives those of one.
   *
   * @return empty if there are none, as for a single letter
   */
  public static long[] required(SearchWords words, @Nullable UserId from) {
    record Candidate(long hash, int weight) {}
    List<Candidate> candidates = new ArrayList<>();
    for (SearchWords.Word word : words.words()) {
      int[] points = word.points();
      if (word.kind() == Kind.WORD) {
        Arrays.stream(PREFIXES)
            .filter(length -> length <= points.length)
            .max()
            .ifPresent(
                length -> candidates.add(new Candidate(hash(WORD, points, 0, length), 2 * length)));
      } else if (points.length == 1) {
        if (FoldedText.isMeaningful(points[0])) {
          candidates.add(new Candidate(hash(RUN, points, 0, 1), PAIR));
        }
      } else {
        for (int i = 0; i + PAIR <= points.length; i++) {
          boolean isNew = i % PAIR == 0 || i + PAIR == points.length; // covers all characters
          candidates.add(new Candidate(hash(RUN, points, i, PAIR), isNew ? 9 : 1));
        }
      }
    }
    int most = MAX_TERMS_OF_A_QUERY - (from == null ? 0 : 1);
    LongStream best =
        candidates.stream()
            .sorted(Comparator.comparingInt(Candidate::weight).reversed())
            .mapToLong(Candidate::hash)
            .distinct()
            .limit(most);
    return (from == null ? best : LongStream.concat(best, LongStream.of(sender(from)))).toArray();
  }

  /** The term of a place for what {@link #required} gave. */
  public static long at(ConversationId conversation, long bucket, long required) {
    return at(place(conversation, bucket), required);
  }

  private static long at(long place, long hash) {
    return mix(place ^ hash);
  }

  private static long place(ConversationId conversation, long bucket) {
    return mix(mix(conversation.value() + GOLDEN) + bucket);
  }

  private static long sender(UserId user) {
    int[] points = user.value().codePoints().toArray();
    return hash(SENDER, points, 0, points.length);
  }

  private static long hash(long kind, int[] points, int start, int length) {
    long hash = mix(kind);
    for (int i = start; i < start + length; i++) {
      hash = mix(hash + GOLDEN + points[i]);
    }
    return hash;
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
