package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Set;

/**
 * The content of a message is to leave the store; its place and its sender stay. Its author may do
 * that as long as they are a member, members of some roles with every message, and the system too.
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
