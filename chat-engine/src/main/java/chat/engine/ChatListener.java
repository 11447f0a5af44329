package chat.engine;

import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.PresenceChanged;
import chat.engine.event.PrivacyChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import java.util.function.Consumer;

/**
 * Receives the events of one session: in order, one at a time, on a thread of the engine or of the
 * executor that the engine was given. Implement the methods for the events that matter; all others
 * do nothing. An event may arrive before the future of {@link ChatEngine#connect} has run its
 * dependents, which is why every method is given its session.
 *
 * <p>Return quickly. A listener that blocks delays only its own session, costs a thread, and once
 * the session's byte budget is used up its live stream is cut with {@link #onResync}. To apply
 * back-pressure without blocking use {@link ChatSession#pause()}. Exceptions of a listener are
 * logged, and the next event is delivered all the same.
 */
public interface ChatListener {

  /** A listener that takes every event with one function and does not need its session. */
  static ChatListener of(Consumer<? super ChatEvent> events) {
    return new ChatListener() {
      @Override
      public void onEvent(ChatSession session, ChatEvent event) {
        events.accept(event);
      }
    };
  }

  /** A committed message; see {@link MessageReceived} for what a session is promised. */
  default void onMessage(ChatSession session, Message message) {}

  /** A message was edited or deleted. */
  default void onMessageChanged(ChatSession session, MessageChanged changed) {}

  /**
   * A member reacted to a message, or took a reaction back; {@code change.reaction()} says what.
   */
  default void onReaction(ChatSession session, ReactionChanged changed) {}

  /** A member has received or read messages. */
  default void onReceipt(ChatSession session, ReceiptMoved receipt) {}

  /** The user changed how they see a conversation, not with this session. */
  default void onPreferences(ChatSession session, PreferencesChanged changed) {}

  /** The user changed what others see, through another session or without one. */
  default void onPrivacy(ChatSession session, Privacy privacy) {}

  /** A member began or ceased to type. */
  default void onTyping(ChatSession session, TypingChanged typing) {}

  /** A watched user came online or went offline. */
  default void onPresence(ChatSession session, Presence presence) {}

  /** A conversation of the user was created or changed. */
  default void onConversation(ChatSession session, ConversationChanged changed) {}

  /** The live stream was cut: call {@link ChatSession#sync}; no message arrives until then. */
  default void onResync(ChatSession session) {}

  /** The engine ended the session. The last call. */
  default void onEnd(ChatSession session, SessionEnded ended) {}

  /** Called with every event; hands it to the method for its kind unless overridden. */
  default void onEvent(ChatSession session, ChatEvent event) {
    if (event instanceof MessageReceived received) {
      onMessage(session, received.message());
    } else if (event instanceof MessageChanged changed) {
      onMessageChanged(session, changed);
    } else if (event instanceof ReactionChanged changed) {
      onReaction(session, changed);
    } else if (event instanceof ReceiptMoved receipt) {
      onReceipt(session, receipt);
    } else if (event instanceof PreferencesChanged changed) {
      onPreferences(session, changed);
    } else if (event instanceof PrivacyChanged changed) {
      onPrivacy(session, changed.privacy());
    } else if (event instanceof TypingChanged typing) {
      onTyping(session, typing);
    } else if (event instanceof PresenceChanged changed) {
      onPresence(session, changed.presence());
    } else if (event instanceof ConversationChanged changed) {
      onConversation(session, changed);
    } else if (event instanceof Resync) {
      onResync(session);
    } else if (event instanceof SessionEnded ended) {
      onEnd(session, ended);
    } else {
      throw new IllegalArgumentException("a kind of event without a method: " + event.getClass());
    }
  }
}
