package chat.engine.internal.cluster;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.Message;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import java.util.List;

/** What nodes tell each other. Hints only: any of them may be lost. */
public sealed interface Envelope {
  record Committed(Conversation conversation, Message message, long membersRev)
      implements Envelope {}

  record Changed(Conversation conversation, ConversationChange change) implements Envelope {}

  record Created(Conversation conversation, List<UserId> members) implements Envelope {}

  record Receipt(Conversation conversation, UserId user, ReceiptKind kind, long seq)
      implements Envelope {}

  record Typing(Conversation conversation, UserId user, boolean on) implements Envelope {}

  /**
   * The presence of these users may have changed, or will have after the delay: who watches them
   * should look.
   */
  record PresenceHint(List<UserId> users, long delayMillis) implements Envelope {}
}
