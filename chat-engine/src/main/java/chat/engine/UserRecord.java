package chat.engine;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A piece of what is stored about a user; see {@link ChatApplication#export}. Immutable. */
public sealed interface UserRecord {

  /**
   * The first record.
   *
   * @param profile {@link Profile#empty} if the user has set none
   * @param lastSeenAt null if the user was never seen
   */
  record Person(Profile profile, Privacy privacy, @Nullable Instant lastSeenAt)
      implements UserRecord {}

  /** The user has blocked another one. */
  record Blocks(UserId other) implements UserRecord {}

  /**
   * A conversation in which the user is, or was. What the user wrote there follows.
   *
   * @param conversation without the name and the details of a group that the user has left
   * @param member null if the user is no member any more
   * @param preferences none for one who is no member
   */
  record InConversation(Conversation conversation, @Nullable Member member, Preferences preferences)
      implements UserRecord {}

  /**
   * A message of the user, as it is now; deleted ones are left out. Without the preview of what it
   * answers, which is another user's.
   */
  record Wrote(Message message) implements UserRecord {}

  /**
   * What a message of the user said before it was edited. The versions of a message follow
   * somewhere behind it, ascending; what it says now is in the message.
   */
  record WroteBefore(ConversationId conversation, long seq, MessageVersion version)
      implements UserRecord {}

  /** What the user reacts to a message with. */
  record Reacted(ConversationId conversation, long seq, Set<Emoji> emojis) implements UserRecord {
    public Reacted {
      emojis = Set.copyOf(emojis);
    }
  }

  /**
   * The user has reported a message of another user. What that one wrote and what moderators
   * decided is not the user's, and is left out.
   */
  record Reported(ConversationId conversation, long seq, String reason, Instant at)
      implements UserRecord {}

  /** Takes the records of an export. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes the next records, in order, a few hundred at most. Called on a thread of the engine: do
     * not block.
     *
     * @return completes when there is room for more; a failure ends the export
     */
    CompletionStage<?> take(List<UserRecord> page);
  }
}
