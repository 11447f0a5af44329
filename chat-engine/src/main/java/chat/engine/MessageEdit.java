package chat.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The new content of a message. Immutable. The parts have the limits of {@link NewMessage}, and all
 * of them replace the earlier ones: to keep mentions or attributes, pass them again. Attachments
 * are not part of it: they stay. Users whom the message already mentions may have left since;
 * others must be members.
 *
 * @param text may be empty in an edit of a message with attachments; of any other, the edit fails
 *     with {@link ErrorCode#BAD_REQUEST}
 * @param onlyWhile the edit fails with {@link ErrorCode#CONFLICT} unless the message has these
 *     attributes, character by character; null for an unconditional edit
 */
public record MessageEdit(
    String text, List<UserId> mentions, @Nullable String attributes, @Nullable String onlyWhile) {
  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} or {@link ErrorCode#TOO_LARGE} for
   *     what no message can say
   */
  public MessageEdit {
    mentions = ContentRules.eachOnce(mentions);
    if (!text.isEmpty()) {
      TextRules.requireMessage("text", text, Integer.MAX_VALUE);
    }
    ContentRules.require(mentions, attributes);
  }

  /** An edit of whatever is there. */
  public MessageEdit(String text, List<UserId> mentions, @Nullable String attributes) {
    this(text, mentions, attributes, null);
  }

  /** A plain text. */
  public static MessageEdit text(String text) {
    return new MessageEdit(text, List.of(), null);
  }

  /** The same edit with another {@link #onlyWhile} condition; null for none. */
  public MessageEdit onlyWhile(@Nullable String present) {
    return new MessageEdit(text, mentions, attributes, present);
  }

  /** Whether a message with these attributes may be edited so. */
  public boolean mayReplace(@Nullable String present) {
    return onlyWhile == null || onlyWhile.equals(present);
  }

  /**
   * @throws ChatException with {@link ErrorCode#TOO_LARGE} if the text is longer than this many
   *     bytes in UTF-8
   */
  public void requireTextWithin(int maxTextBytes) {
    TextRules.requireSize("text", text, maxTextBytes);
  }
}
