package chat.engine.testkit;

import chat.engine.spi.PublicationOutbox;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages that transactions of the application committed and that are not published yet, oldest
 * first. Thread-safe.
 */
final class Outbox implements PublicationOutbox {
  private final Map<Note, Long> committedNanos = new LinkedHashMap<>();

  synchronized void add(List<Note> committed) {
    long now = System.nanoTime();
    committed.forEach(note -> committedNanos.put(note, now));
  }

  @Override
  public synchronized List<Note> unpublished(Duration olderThan, int limit) {
    long before = System.nanoTime() - olderThan.toNanos();
    return committedNanos.entrySet().stream()
        .filter(entry -> entry.getValue() - before < 0)
        .limit(limit)
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public synchronized boolean published(Note note) {
    return committedNanos.remove(note) != null;
  }
}
