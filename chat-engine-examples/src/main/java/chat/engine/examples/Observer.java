package chat.engine.examples;

import chat.engine.Message;
import chat.engine.SendAck;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What one session saw of one conversation: the events in the order of their arrival, and its own
 * messages by their acknowledgements. Thread-safe.
 */
final class Observer {
  private final List<Message> events = new ArrayList<>();
  private final List<SendAck> acknowledged = new ArrayList<>();
  private int resyncs;

  synchronized void on(ChatEvent event) {
    if (event instanceof MessageReceived received) {
      events.add(received.message());
    } else if (event instanceof Resync) {
      resyncs++;
    }
  }

  synchronized void acknowledged(SendAck ack) {
    acknowledged.add(ack);
  }

  synchronized int seen() {
    return events.size() + acknowledged.size();
  }

  /**
   * Compares with the truth.
   *
   * @param truth message ids by seq, from 1
   * @return what is wrong, or nothing
   */
  synchronized List<String> check(List<Long> truth) {
    List<String> wrong = new ArrayList<>();
    long last = 0;
    TreeMap<Long, Long> bySeq = new TreeMap<>();
    for (Message message : events) {
      if (message.seq() <= last) {
        wrong.add("message " + message.seq() + " came after " + last);
      }
      last = message.seq();
      if (bySeq.put(message.seq(), message.id().value()) != null) {
        wrong.add("message " + message.seq() + " came twice");
      }
    }
    for (SendAck ack : acknowledged) {
      if (bySeq.put(ack.seq(), ack.messageId().value()) != null) {
        wrong.add("message " + ack.seq() + " was acknowledged and came as an event too");
      }
    }
    for (long seq = 1; seq <= truth.size(); seq++) {
      Long id = bySeq.remove(seq);
      if (id == null) {
        wrong.add("message " + seq + " is missing");
      } else if (!id.equals(truth.get((int) seq - 1))) {
        wrong.add("message " + seq + " is another one than in the store");
      }
    }
    if (!bySeq.isEmpty()) {
      wrong.add(bySeq.size() + " messages that are not in the store");
    }
    if (resyncs > 0) {
      wrong.add("the stream was cut " + resyncs + " times");
    }
    return wrong;
  }
}
