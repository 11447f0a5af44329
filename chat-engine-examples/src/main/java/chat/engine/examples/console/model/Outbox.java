package chat.engine.examples.console.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** The sends that the server has not answered yet, in the order of writing. Thread-safe. */
public final class Outbox {
  private final Map<String, ObjectNode> waiting = new LinkedHashMap<>();

  public synchronized void add(ObjectNode send) {
    waiting.put(idOf(send), send);
  }

  /**
   * It is stored, or refused.
   *
   * @return false if that was known before
   */
  public synchronized boolean done(ObjectNode send) {
    boolean news = waiting.remove(idOf(send)) != null;
    notifyAll();
    return news;
  }

  public synchronized List<ObjectNode> waiting() {
    return List.copyOf(waiting.values());
  }

  /** Blocks until nothing waits, or the time is over. */
  public synchronized void awaitEmpty(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = millis;
    while (!waiting.isEmpty() && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
  }

  private static String idOf(ObjectNode send) {
    return send.get("client_message_id").asString();
  }
}
