package chat.engine.examples.console.model;

import java.util.List;
import java.util.regex.Pattern;

/** Who is named with {@code @} in a text. */
public final class Mentions {
  private static final int MOST = 64;

  private Mentions() {}

  /**
   * @param members who can be mentioned
   */
  public static List<String> in(String text, List<String> members) {
    return members.stream().filter(member -> names(text, member)).limit(MOST).toList();
  }

  /** Not as the beginning of a longer name. */
  private static boolean names(String text, String member) {
    return Pattern.compile(
            "@" + Pattern.quote(member) + "(?![\\p{L}\\p{N}_-])",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
        .matcher(text)
        .find();
  }
}
