package chat.engine.postgres.row;

import chat.engine.ConversationId;
import chat.engine.UserId;

/** A user in a conversation: the key of {@code chat_members}. */
public record MemberKey(ConversationId conversation, UserId user) {}
