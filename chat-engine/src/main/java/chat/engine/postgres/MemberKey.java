package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.UserId;

/** A user in a conversation: the key of {@code chat_members}. */
record MemberKey(ConversationId conversation, UserId user) {}
