package chat.engine.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/**
 * Makes messages whose words are as frequent as in a language: the word of rank r comes about 1/r
 * as often as the first (Zipf). Thread-safe; the caller brings the randomness.
 */
public final class SearchTexts {
  private static final int VOCABULARY = 60_000;
  private static final int FIRST_IDEOGRAPH = 0x4E00;
  private static final int IDEOGRAPHS = 3_000;
  private static final int COMMON = 20;
  private static final int MIDDLE = 500;
  private static final int MIDDLE_RANGE = 2_000;

  private final List<String> words;

  private SearchTexts(List<String> words) {
    this.words = words;
  }

  /** With words of syllables. */
  public static SearchTexts invented() {
    Random random = new Random(7);
    TreeSet<String> words = new TreeSet<>();
    List<String> ranked = new ArrayList<>();
    while (ranked.size() < VOCABULARY) {
      int syllables = 1 + Math.min(4, ranked.size() / 400) * random.nextInt(2) + random.nextInt(2);
      StringBuilder word = new StringBuilder();
      for (int i = 0; i < syllables; i++) {
        word.append("bcdfghklmnprstvw".charAt(random.nextInt(16)));
        word.append("aeiou".charAt(random.nextInt(5)));
        word.append(random.nextInt(3) == 0 ? "nrst".charAt(random.nextInt(4)) : "");
      }
      if (words.add(word.toString())) {
        ranked.add(word.toString());
      } else if (random.nextInt(20) == 0) {
        ranked.add(word.append(ranked.size()).toString());
      }
    }
    return new SearchTexts(ranked);
  }

  /** With the words of a text, the most frequent first, and more that are invented. */
  public static SearchTexts of(Path text) throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : Files.readString(text).split("[^\\p{L}\\p{N}']+", -1)) {
      if (!word.isEmpty()) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    List<String> ranked = new ArrayList<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(entry -> ranked.add(entry.getKey()));
    List<String> more = invented().words;
    ranked.addAll(more.subList(0, Math.max(0, VOCABULARY - ranked.size())));
    return new SearchTexts(ranked);
  }

  /** A message of a few words, mostly. */
  public String message(Random random) {
    int length = 1 + (int) Math.min(60, -9 * Math.log(1 - random.nextDouble()));
    StringBuilder text = new StringBuilder();
    if (random.nextInt(10) == 0) {
      for (int i = 0; i < length; i++) {
        text.append(ideographs(random));
      }
      return text.toString();
    }
    for (int i = 0; i < length; i++) {
      text.append(i == 0 ? "" : " ").append(words.get(rank(words.size(), random)));
    }
    return text.toString();
  }

  private static int rank(int size, Random random) {
    return (int) Math.exp(random.nextDouble() * Math.log(size));
  }

  /** Two ideographs. */
  public String ideographs(Random random) {
    return new StringBuilder()
        .appendCodePoint(FIRST_IDEOGRAPH + rank(IDEOGRAPHS, random))
        .appendCodePoint(FIRST_IDEOGRAPH + rank(IDEOGRAPHS, random))
        .toString();
  }

  public String commonWord(Random random) {
    return words.get(1 + random.nextInt(COMMON));
  }

  public String middleWord(Random random) {
    String word = words.get(MIDDLE + random.nextInt(MIDDLE_RANGE));
    return word.length() < 3 ? middleWord(random) : word;
  }

  public String rareWord(Random random) {
    return words.get(words.size() / 2 + random.nextInt(words.size() / 2));
  }
}
