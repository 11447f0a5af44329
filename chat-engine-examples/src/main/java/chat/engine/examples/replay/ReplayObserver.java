package chat.engine.examples.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What one user saw of one conversation: messages of the live stream in the order of their arrival,
 * messages caught up with after a lost connection, and its own messages by their acknowledgements.
 * Thread-safe.
 */
public final class ReplayObserver implements ReplayTarget.Listener {
  private final List<ReplayMessage> live = new ArrayList<>();
  private final List<ReplayMessage> caughtUp = new ArrayList<>();
  private final List<ReplayMessage> acknowledged = new ArrayList<>();
  private final Map<Long, Long> idBySeq = new TreeMap<>();
  private boolean disconnected;
  private final Consumer<ReplayMessage> delivered;
  private int resyncs;

  /**
   * @param delivered called with each live message
   */
  public ReplayObserver(Consumer<ReplayMessage> delivered) {
    this.delivered = delivered;
  }

  @Override
  public synchronized void live(ReplayMessage message) {
    live.add(message);
    delivered.accept(message);
    idBySeq.putIfAbsent(message.seq(), message.id());
  }

  @Override
  public synchronized void caughtUp(ReplayMessage message) {
    caughtUp.add(message);
    idBySeq.putIfAbsent(message.seq(), message.id());
  }

  public synchronized void acknowledged(ReplayMessage message) {
    acknowledged.add(message);
    idBySeq.putIfAbsent(message.seq(), message.id());
  }

  /** From now on an own message may come twice: acknowledged, and because it was missed. */
  @Override
  public synchronized void disconnected() {
    disconnected = true;
  }

  @Override
  public synchronized void resync() {
    resyncs++;
  }

  /** How many messages it knows. */
  public synchronized int seen() {
    return idBySeq.size();
  }

  /**
   * Compares with the truth.
   *
   * @param truth message ids by seq, from 1
   * @return what is wrong, or nothing
   */
  public synchronized List<String> check(List<Long> truth) {
    List<String> wrong = new ArrayList<>();
    checkOrder(wrong);
    TreeMap<Long, Long> bySeq = new TreeMap<>();
    for (List<ReplayMessage> stream : List.of(live, caughtUp)) {
      for (ReplayMessage message : stream) {
        if (bySeq.put(message.seq(), message.id()) != null) {
          wrong.add("message " + message.seq() + " came twice");
        }
      }
    }
    for (ReplayMessage message : acknowledged) {
      Long other = bySeq.put(message.seq(), message.id());
      if (other != null && !(disconnected && other == message.id())) {
        wrong.add("message " + message.seq() + " was acknowledged and came as an event too");
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

  private void checkOrder(List<String> wrong) {
    long last = 0;
    for (ReplayMessage message : live) {
      if (message.seq() <= last) {
        wrong.add("message " + message.seq() + " came after " + last);
      }
      last = message.seq();
    }
  }
}
