package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * What to look for in the messages of one's conversations. Immutable.
 *
 * <p>Every word of the text must be in the message; the last one may be the beginning of a word.
 * Words are compared without regard to case, accents and width: {@code ecole} finds {@code École},
 * {@code STRASSE} finds {@code Straße}. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are
 * written without spaces, or with few: there, a piece of the query must stand in the message as it
 * is, wherever a word begins. Everything else, such as quotes, {@code AND} or {@code *}, is plain
 * text: punctuation separates words, and there are no operators and no stop words.
 *
 * @param text at least one character that is no white space, at most {@link #MAX_LENGTH} UTF-16
 *     code units. A text without letters, digits and emojis finds nothing
 * @param conversation only messages of this conversation; null for all that the user is in
 * @param from only messages of this sender; null for all
 * @param before only messages behind this place, as a page before told; null for the newest
 * @param limit the most messages of a page, 1 to {@link #MAX_LIMIT}
 */
public record SearchQuery(
    String text,
    @Nullable ConversationId conversation,
    @Nullable UserId from,
    @Nullable SearchCursor before,
    int limit) {
  /** Of the text, in UTF-16 code units. */
  public static final int MAX_LENGTH = 256;

  public static final int DEFAULT_LIMIT = 20;
  public static final int MAX_LIMIT = 100;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} for a blank text and a limit that is
   *     out of range, {@link ErrorCode#TOO_LARGE} for too long a text
   */
  public SearchQuery {
    if (text.isBlank()) {
      throw ChatException.badRequest("query is blank: it needs a word to look for");
    }
    if (text.length() > MAX_LENGTH) {
      throw ChatException.tooLarge(
          "query may have " + MAX_LENGTH + " characters (UTF-16), not " + text.length());
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ChatException.badRequest("limit must be 1 to " + MAX_LIMIT + ", not " + limit);
    }
  }

  /** The newest messages with these words, {@link #DEFAULT_LIMIT} at most. */
  public static SearchQuery of(String text) {
    return new SearchQuery(text, null, null, null, DEFAULT_LIMIT);
  }

  public SearchQuery in(ConversationId only) {
    return new SearchQuery(text, only, from, before, limit);
  }

  public SearchQuery from(UserId sender) {
    return new SearchQuery(text, conversation, sender, before, limit);
  }

  /** The page behind the one that gave this place. */
  public SearchQuery before(SearchCursor place) {
    return new SearchQuery(text, conversation, from, place, limit);
  }

  public SearchQuery limit(int messages) {
    return new SearchQuery(text, conversation, from, before, messages);
  }
}
