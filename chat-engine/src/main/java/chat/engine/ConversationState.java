package chat.engine;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as one of its members finds it in the answer to a sync, or in the inbox.
 *
 * @param role the caller's
 * @param rev of the last change of the conversation's name, attributes, members or roles, or of a
 *     message; 0 for none
 * @param lastSeq seq of the newest message, 0 if there is none
 * @param readSeq how far the caller has read, on any device
 * @param unread messages of others after readSeq, up to lastSeq, that were not deleted, and those
 *     marked as unread
 * @param lastMessage the newest message; null if there is none, if it is too long for an answer, or
 *     if the caller's cursor has it
 * @param missed the messages after the caller's cursor, ascending and without gap, starting right
 *     after it, 100 at most, and fewer or none if the answer would become too long; empty where no
 *     cursor was given
 * @param changes the messages up to the caller's cursor that were edited or deleted after the rev
 *     of the cursor, each once, as they are now, ascending by their revs; empty where no cursor or
 *     no rev was given
 * @param reset whether there are more of these than an answer holds (100, and fewer if they are
 *     long), or the rev of the cursor is none of this conversation's: drop what is kept of its
 *     messages and read them as history. Then {@code changes} is empty
 * @param hasMore whether there are more after the last of {@code missed}, or after the cursor if
 *     that is empty; fetch them as history. False where no cursor was given
 * @param unreadMentions those of the unread messages that mention the caller, as they are now: an
 *     edit may add a mention or take it back
 * @param preferences how the caller sees the conversation. Where they mark messages as unread,
 *     {@code unread} counts from that mark on
 * @param pinned the seqs of all pinned messages, those that were pinned last first. It may be newer
 *     than {@code rev}: a change behind that is told too, and takes nothing back
 * @param firstSeq the lowest seq from which on there are messages, 1 unless some have expired: drop
 *     what is kept of those below it. One above {@code lastSeq} if all have. Where the cursor lies
 *     below, {@code missed} starts here
 * @param retention how long messages of this conversation are kept; null for the time that the
 *     engine is set to
 */
public record ConversationState(
    Conversation conversation,
    Role role,
    long rev,
    long lastSeq,
    long readSeq,
    long unread,
    @Nullable Message lastMessage,
    List<Message> missed,
    List<Message> changes,
    boolean reset,
    boolean hasMore,
    long unreadMentions,
    Preferences preferences,
    List<Long> pinned,
    long firstSeq,
    @Nullable Duration retention) {
  public ConversationState {
    missed = List.copyOf(missed);
    changes = List.copyOf(changes);
    pinned = List.copyOf(pinned);
  }
}
