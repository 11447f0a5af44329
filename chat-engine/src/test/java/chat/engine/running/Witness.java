package chat.engine.running;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.SendAck;
import chat.engine.event.ChatEvent;
import chat.engine.testkit.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Records what one session was told, and what it was acknowledged. Thread-safe. */
final class Witness implements ChatListener {
  private final RecordingListener told = new RecordingListener();
  private final List<SendAck> acks = new ArrayList<>();

  @Override
  public void onEvent(ChatSession session, ChatEvent event) {
    told.onEvent(session, event);
  }

  RecordingListener told() {
    return told;
  }

  synchronized void acknowledged(SendAck ack) {
    acks.add(ack);
  }

  /**
   * Message ids by seq: the events in their order, which must ascend, and the acknowledged sends;
   * none twice.
   */
  synchronized TreeMap<Long, Long> stream(ConversationId conversation) {
    TreeMap<Long, Long> seen = new TreeMap<>();
    long last = 0;
    for (Message message : told.messages(conversation)) {
      if (message.seq() <= last) {
        throw new AssertionError("seq " + message.seq() + " came after " + last);
      }
      last = message.seq();
      seen.put(message.seq(), message.id().value());
    }
    for (SendAck ack : acks) {
      if (ack.conversation().equals(conversation)
          && seen.put(ack.seq(), ack.messageId().value()) != null) {
        throw new AssertionError("seq " + ack.seq() + " was acknowledged and delivered too");
      }
    }
    return seen;
  }
}
