package chat.engine.examples.console.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who types where, by what the others tell, and when to tell them that this user does. Thread-safe.
 */
public final class Typists {
  /** The server tells the end after six seconds, unless that event is lost. */
  public static final long LOST_MILLIS = 7_000;

  private static final long EVERY_MILLIS = 3_000;

  private final LongSupplier nanos;
  private final Map<String, Map<String, Long>> untilByConversation = new ConcurrentHashMap<>();
  private @Nullable String toldConversation;
  private long toldAt;

  /**
   * @param nanos the time, as {@link System#nanoTime} gives it
   */
  public Typists(LongSupplier nanos) {
    this.nanos = nanos;
  }

  public synchronized void set(String conversation, String username, boolean on) {
    Map<String, Long> typing =
        untilByConversation.computeIfAbsent(conversation, begun -> new TreeMap<>());
    if (on) {
      typing.put(username, nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(LOST_MILLIS));
    } else {
      typing.remove(username);
    }
  }

  public synchronized List<String> in(@Nullable String conversation) {
    Map<String, Long> typing = conversation == null ? null : untilByConversation.get(conversation);
    if (typing == null) {
      return List.of();
    }
    typing.values().removeIf(until -> until - nanos.getAsLong() < 0);
    return List.copyOf(typing.keySet());
  }

  /** Nobody is heard of any more. */
  public synchronized void clear() {
    untilByConversation.clear();
    toldNothing();
  }

  /** Whether the others should be told now; they are, if so. */
  public synchronized boolean tell(String conversation) {
    long now = nanos.getAsLong();
    if (conversation.equals(toldConversation)
        && now - toldAt < TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS)) {
      return false;
    }
    toldConversation = conversation;
    toldAt = now;
    return true;
  }

  /** A message ended the typing; the next one is told at once. */
  public synchronized void toldNothing() {
    toldConversation = null;
  }
}
