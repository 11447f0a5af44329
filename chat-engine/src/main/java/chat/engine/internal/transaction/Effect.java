package chat.engine.internal.transaction;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.UserId;
import java.util.List;
import java.util.Set;

/** Something that was done in a transaction, and is to be shown when that has committed. */
sealed interface Effect {
  ConversationId conversationId();

  /**
   * @param append which of the appends of its transaction it was
   */
  record Sent(int append, ConversationId conversation, MessageId id) implements Effect {
    @Override
    public ConversationId conversationId() {
      return conversation;
    }
  }

  /**
   * A message was edited, deleted, reacted to, pinned or unpinned.
   *
   * @param append which of the appends of its transaction it was
   */
  record MessageChanged(int append, Conversation conversation) implements Effect {
    @Override
    public ConversationId conversationId() {
      return conversation.id();
    }
  }

  record Created(Conversation conversation, Set<UserId> members) implements Effect {
    @Override
    public ConversationId conversationId() {
      return conversation.id();
    }
  }

  /**
   * @param conversation as it is after the changes; of a deletion, as it was before
   */
  record Changed(Conversation conversation, List<ConversationChange> changes) implements Effect {
    @Override
    public ConversationId conversationId() {
      return conversation.id();
    }
  }
}
