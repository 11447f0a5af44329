package chat.engine.internal.group;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;

/** Knows the groups whose members are not to be changed by calls. Blocks; thread-safe. */
@FunctionalInterface
public interface MemberGuard {
  /** For an engine without such groups. */
  MemberGuard NONE = group -> {};

  /**
   * @throws ChatException with {@link ErrorCode#FORBIDDEN} if it is such a group
   */
  void requireChangeable(ConversationId group);
}
