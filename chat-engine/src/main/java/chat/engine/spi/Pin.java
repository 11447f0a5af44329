package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Set;

/**
 * A message is to be pinned in its conversation, or not to be pinned any more. Members of some
 * roles may do that, and the system; a conversation has at most {@link
 * chat.engine.PinnedMessage#MAX_PER_CONVERSATION} pins.
 *
 * @param by the roles of those who may pin in this conversation
 * @param at in whole milliseconds
 */
public record Pin(
    ConversationId conversation, long seq, UserId actor, boolean on, Set<Role> by, Instant at)
    implements Write {
  public Pin {
    by = Set.copyOf(by);
  }
}
