package chat.engine.internal.cluster;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.Message;
import chat.engine.Privacy;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import java.util.List;

/** What nodes tell each other. Hints only: any of them may be lost. */
public sealed interface Envelope {
  record Committed(Conversation conversation, Message message, long membersRev)
      implements Envelope {}

  record Changed(Conversation conversation, ConversationChange change) implements Envelope {}

  record Created(Conversation conversation, List<UserId> members) implements Envelope {}

  /**
   * @param membersRev a rev of the membership; members who were removed by then must not see it
   */
  record Receipt(
      Conversation conversation, UserId user, ReceiptKind kind, long seq, long membersRev)
      implements Envelope {}

  /**
   * What a member who hides read receipts has read; to the nodes of the member only. The others are
   * told a {@link Receipt} of the kind received.
   *
   * @param membersRev as for a receipt
   */
  record OwnRead(Conversation conversation, UserId user, long seq, long membersRev)
      implements Envelope {}

  /**
   * To the nodes of the member only.
   *
   * @param member of whom the receipts are of no interest here
   * @param membersRev as for a receipt
   */
  record PreferencesSet(
      Conversation conversation, ConversationStore.Receipt member, long membersRev)
      implements Envelope {}

  /**
   * @param membersRev as for a receipt
   */
  record Typing(Conversation conversation, UserId user, boolean on, long membersRev)
      implements Envelope {}

  /** A block between two users was made or ended; to the nodes of both. */
  record BlockChanged(UserId one, UserId other) implements Envelope {}

  /** A user has other privacy settings; to all nodes. */
  record PrivacySet(UserId user, Privacy privacy) implements Envelope {}

  /** All sessions of the user have to end. */
  record Disconnect(UserId user, String explanation) implements Envelope {}

  /** The user was erased or renamed. */
  record Gone(UserId user) implements Envelope {}

  /**
   * Nodes that watch these users should look at them again.
   *
   * @param graceMillis how long they may take to come back before they count as gone
   */
  record PresenceHint(List<UserId> users, Kind kind, long graceMillis) implements Envelope {
    /** What happened to the users. */
    public enum Kind {
      /** They came to a node. */
      ARRIVED,
      /** They left their node, or it leaves the cluster. */
      LEFT,
      /** Their node died. */
      LOST
    }
  }
}
