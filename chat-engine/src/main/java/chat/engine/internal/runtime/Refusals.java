package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.ConversationId;

/** Sentences that several calls answer with, so that they are the same everywhere. */
public final class Refusals {
  private Refusals() {}

  /** For a conversation that does not exist and for one that is not the caller's alike. */
  public static ChatException noSuchConversation(ConversationId conversation) {
    return ChatException.notFound("there is no conversation " + conversation + " of this user");
  }

  public static ChatException closing() {
    return ChatException.unavailable("this node is closing", null);
  }

  public static ChatException sessionClosed() {
    return ChatException.unavailable("this session is closed", null);
  }
}
