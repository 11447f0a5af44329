package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Set;

/**
 * Removes the content of a message; its place and its sender stay. The author may do that while
 * they are a member, members with some roles may do it with every message, and so may the system.
 *
 * @param othersBy the roles of those who may delete messages of others
 * @param at in whole milliseconds
 */
public record Deletion(
    ConversationId conversation, long seq, UserId actor, Set<Role> othersBy, Instant at)
    implements Write {
  public Deletion {
    othersBy = Set.copyOf(othersBy);
  }
}
