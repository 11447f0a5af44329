package chat.engine.internal.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.session.Session;
import chat.engine.spi.ConversationStore.Receipt;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows what was committed to the members, on this node and on others. Thread-safe; implementations
 * neither block nor throw.
 */
public interface Announcer {
  void created(Conversation conversation, Collection<UserId> members);

  /**
   * @param conversation as it is after the changes
   */
  void changed(Conversation conversation, List<ConversationChange> changes);

  /**
   * @param membersRev a rev of the membership that was in force when the receipt had moved
   * @param except the session that moved the receipt and knows it already
   */
  void receiptMoved(
      Conversation conversation, long membersRev, ReceiptMoved moved, @Nullable Session except);

  /**
   * What a member has read who hides it from the others: shown to the member's own sessions only.
   *
   * @param read of the kind {@code READ}
   */
  void ownRead(
      Conversation conversation, long membersRev, ReceiptMoved read, @Nullable Session except);

  /**
   * Preferences of a member that nobody but the member's own sessions are shown.
   *
   * @param membersRev as for a receipt
   * @param except the session that has them from its answer; null for none
   */
  void preferencesChanged(
      Conversation conversation, long membersRev, Receipt member, @Nullable Session except);
}
