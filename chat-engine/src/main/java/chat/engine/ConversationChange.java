package chat.engine;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of a group, from its log. Changes have their own gap-free numbers and a fixed place
 * among the messages. Immutable.
 *
 * @param rev its number: the group as created is 0, its first change 1
 * @param atSeq it took effect after the message of this seq and before the next
 * @param actor who did it; {@link UserId#SYSTEM} for the application
 * @param subjects whom it concerns, each once: any number of users who were added or removed at
 *     once; empty for {@link Kind#RENAMED}
 * @param role the role of all subjects after {@link Kind#ADDED} and {@link Kind#ROLE_SET}, else
 *     null
 * @param name the name after {@link Kind#RENAMED}, else null
 */
public record ConversationChange(
    ConversationId conversation,
    long rev,
    long atSeq,
    Kind kind,
    UserId actor,
    List<UserId> subjects,
    @Nullable Role role,
    @Nullable String name,
    Instant at) {
  public ConversationChange {
    subjects = List.copyOf(subjects);
  }

  /** What happened. A member who leaves is {@link #REMOVED} by themselves. */
  public enum Kind {
    ADDED,
    REMOVED,
    ROLE_SET,
    RENAMED
  }
}
