package chat.engine.internal;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.SendAck;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Records what one session was told. Thread-safe. */
final class Witness implements ChatListener {
  private final List<ChatEvent> events = new ArrayList<>();
  private final List<SendAck> acks = new ArrayList<>();

  @Override
  public void onEvent(ChatSession session, ChatEvent event) {
    note(event);
  }

  synchronized void note(ChatEvent event) {
    events.add(event);
  }

  synchronized void acknowledged(SendAck ack) {
    acks.add(ack);
  }

  synchronized List<ChatEvent> events() {
    return List.copyOf(events);
  }

  synchronized <T extends ChatEvent> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  List<Message> messages(ConversationId conversation) {
    return events(MessageReceived.class).stream()
        .map(MessageReceived::message)
        .filter(message -> message.conversation().equals(conversation))
        .toList();
  }

  List<String> texts(ConversationId conversation) {
    return messages(conversation).stream().map(Message::text).toList();
  }

  /**
   * Message ids by seq: the events in their order, which must ascend, and the acknowledged sends;
   * none twice.
   */
  synchronized TreeMap<Long, Long> stream(ConversationId conversation) {
    TreeMap<Long, Long> seen = new TreeMap<>();
    long last = 0;
    for (Message message : messages(conversation)) {
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
