package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a message says, or said before it was edited; see {@link ChatUser#edits}. Immutable.
 *
 * @param number of the version in its message: 1 for the first that was kept, which is the text as
 *     it was sent if the history was on then, and one more with each edit
 * @param text of the message at that time
 * @param attributes of the message at that time, or null
 * @param writtenAt when the message began to say this: when it was sent, or edited
 */
public record MessageVersion(
    long number, String text, @Nullable String attributes, Instant writtenAt) {
  /**
   * The most versions of a message that are kept beside the present one. If a message is edited
   * more often, the first ones are deleted.
   */
  public static final int MAX_PER_MESSAGE = 100;

  /** What a message says. */
  public static MessageVersion of(Message message, long number) {
    Instant editedAt = message.editedAt();
    return new MessageVersion(
        number,
        message.text(),
        message.attributes(),
        editedAt == null ? message.createdAt() : editedAt);
  }
}
