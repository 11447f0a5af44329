package chat.engine.examples.faultcheck.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a device keeps of its user's conversations from one connection to the next: how far it has
 * all messages, the rev, and how far its user has read. Thread-safe.
 */
final class Memory {
  /** One conversation. */
  static final class Entry {
    private final boolean group;
    private String name;
    private long seq;
    private long rev;
    private long readSeq;
    private final TreeSet<Long> beyond = new TreeSet<>();

    private Entry(boolean group, String name) {
      this.group = group;
      this.name = name;
    }

    private void advance() {
      while (beyond.remove(seq + 1)) {
        seq++;
      }
      beyond.headSet(seq, true).clear();
    }
  }

  /** A copy of an entry. */
  record Copy(long conversation, boolean group, String name, long seq, long rev, long readSeq) {}

  private final Map<Long, Entry> entries = new TreeMap<>();

  synchronized List<Long> conversations() {
    return new ArrayList<>(entries.keySet());
  }

  synchronized List<Copy> copies() {
    return entries.entrySet().stream()
        .map(
            entry -> {
              Entry it = entry.getValue();
              return new Copy(entry.getKey(), it.group, it.name, it.seq, it.rev, it.readSeq);
            })
        .toList();
  }

  /** As the request for a sync takes them. */
  static String cursors(List<Copy> copies) {
    return copies.stream()
        .map(it -> it.conversation() + ":" + it.seq() + ":" + it.rev() + ":" + it.readSeq())
        .collect(Collectors.joining(","));
  }

  synchronized long seq(long conversation) {
    Entry entry = entries.get(conversation);
    return entry == null ? 0 : entry.seq;
  }

  /** From an answer to a sync; the messages up to its last seq may still have to be read. */
  synchronized void stand(long conversation, boolean group, String name, long rev, long readSeq) {
    Entry entry = entries.computeIfAbsent(conversation, unused -> new Entry(group, name));
    entry.name = name;
    entry.rev = rev;
    entry.readSeq = readSeq;
  }

  synchronized void begin(long conversation, boolean group, String name, long seq, long rev) {
    Entry entry = new Entry(group, name);
    entry.seq = seq;
    entry.rev = rev;
    entry.readSeq = seq;
    entries.put(conversation, entry);
  }

  synchronized void beginIfNew(long conversation, boolean group, String name) {
    if (!entries.containsKey(conversation)) {
      begin(conversation, group, name, 0, 0);
    }
  }

  /** A change was told; the rev moves only if none before it is missing. */
  synchronized void changed(long conversation, String name, long rev) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.name = name;
      entry.rev = rev == entry.rev + 1 ? rev : entry.rev;
    }
  }

  synchronized void forget(long conversation) {
    entries.remove(conversation);
  }

  synchronized void has(long conversation, long seq) {
    Entry entry = entries.get(conversation);
    if (entry != null && seq > entry.seq) {
      entry.beyond.add(seq);
      entry.advance();
    }
  }

  synchronized void read(long conversation, long seq) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.readSeq = Math.max(entry.readSeq, seq);
    }
  }
}
