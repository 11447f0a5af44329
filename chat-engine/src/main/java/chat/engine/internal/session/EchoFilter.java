package chat.engine.internal.session;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import java.util.HashMap;
import java.util.Map;

/**
 * The sends of one session whose acknowledgement is to take the place of the event.
 *
 * <p>A send has two ends, and they come in either order: its answer, from the lane, and its
 * message, from the feed. What is here waits for at least one of them. The same message may be
 * under way more than once, if the application sent it again before it had an answer; then one
 * acknowledgement is enough for all.
 *
 * <p>Not thread-safe; guarded by its session.
 */
final class EchoFilter {
  private record Key(ConversationId conversation, ClientMessageId clientMessageId) {}

  private static final class OwnSend {
    private static final long NONE = 0;

    /** Counts until the first answer; from then on no refusal matters. */
    private int unanswered;

    /** The seq that was acknowledged; its message is still to come. */
    private long acknowledged = NONE;

    /** Whether its message came, and was kept from the listener; an answer is still to come. */
    private boolean passed;
  }

  private final Map<Key, OwnSend> sends = new HashMap<>();

  boolean isEmpty() {
    return sends.isEmpty();
  }

  void begin(ConversationId conversation, ClientMessageId clientMessageId) {
    sends.computeIfAbsent(new Key(conversation, clientMessageId), unused -> new OwnSend())
        .unanswered++;
  }

  /**
   * @param stillToCome whether the feed may still bring the message
   */
  void acknowledge(
      ConversationId conversation, ClientMessageId clientMessageId, long seq, boolean stillToCome) {
    Key key = new Key(conversation, clientMessageId);
    OwnSend send = sends.get(key);
    if (send == null) {
      return;
    }
    if (send.passed || !stillToCome) {
      sends.remove(key);
    } else {
      send.acknowledged = seq;
    }
  }

  /**
   * Takes a refusal.
   *
   * @return whether the message passed silently and now nobody acknowledges it: it was stored all
   *     the same, by a commit in doubt, and the listener was not told
   */
  boolean fail(ConversationId conversation, ClientMessageId clientMessageId) {
    Key key = new Key(conversation, clientMessageId);
    OwnSend send = sends.get(key);
    if (send == null) {
      return false;
    }
    send.unanswered--;
    if (send.unanswered > 0 || send.acknowledged != OwnSend.NONE) {
      return false;
    }
    sends.remove(key);
    return send.passed;
  }

  /** Whether an acknowledgement takes the place of this message, which its own user sent. */
  boolean pass(Message message) {
    Key key = new Key(message.conversation(), message.clientMessageId());
    OwnSend send = sends.get(key);
    if (send == null) {
      return false;
    }
    if (send.acknowledged == OwnSend.NONE) {
      send.passed = true;
    } else {
      sends.remove(key);
    }
    return true;
  }

  /** Forgets the acknowledged that these cursors cover: their messages will not come. */
  void forgetCovered(Cursors cursors) {
    sends.entrySet().removeIf(send -> isCovered(send.getKey(), send.getValue(), cursors));
  }

  private static boolean isCovered(Key key, OwnSend send, Cursors cursors) {
    return send.acknowledged != OwnSend.NONE
        && send.acknowledged <= cursors.seq(key.conversation());
  }
}
