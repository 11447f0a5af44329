package chat.engine.examples.faultcheck.client.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a device keeps of its user's conversations from one connection to the next: how far it has
 * all messages, the rev, how far its user has read, and the version of the preferences.
 * Thread-safe.
 */
public final class Memory {
  /** One conversation. */
  private static final class Entry {
    private final boolean group;
    private String name;
    private long seq;
    private long rev;
    private long readSeq;
    private long preferences = UNKNOWN;
    private final Set<String> speakers = new TreeSet<>();
    private final TreeSet<Long> earlyRevs = new TreeSet<>();
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

    /** A change came; the rev moves as far as none before it is missing. */
    private void came(long change) {
      earlyRevs.add(change);
      while (earlyRevs.remove(rev + 1)) {
        rev++;
      }
      earlyRevs.headSet(rev, true).clear();
    }
  }

  /** A copy of an entry. */
  public record Copy(
      long conversation,
      boolean group,
      String name,
      long seq,
      long rev,
      long readSeq,
      long preferences) {}

  private static final long UNKNOWN = -1;

  private final Map<Long, Entry> entries = new TreeMap<>();

  public synchronized List<Long> conversations() {
    return new ArrayList<>(entries.keySet());
  }

  public synchronized List<Copy> copies() {
    return entries.entrySet().stream()
        .map(
            entry -> {
              Entry it = entry.getValue();
              return new Copy(
                  entry.getKey(), it.group, it.name, it.seq, it.rev, it.readSeq, it.preferences);
            })
        .toList();
  }

  /** As the request for a sync takes them. */
  static String cursors(List<Copy> copies) {
    return copies.stream()
        .map(
            it ->
                "%d:%d:%d:%d:%d"
                    .formatted(
                        it.conversation(), it.seq(), it.rev(), it.readSeq(), it.preferences()))
        .collect(Collectors.joining(","));
  }

  public synchronized long seq(long conversation) {
    Entry entry = entries.get(conversation);
    return entry == null ? 0 : entry.seq;
  }

  /** From an answer to a sync; the messages up to its last seq may still have to be read. */
  synchronized void stand(long conversation, boolean group, String name, long rev, long readSeq) {
    Entry entry = entries.computeIfAbsent(conversation, unused -> new Entry(group, name));
    entry.name = name;
    entry.rev = rev;
    entry.earlyRevs.headSet(rev, true).clear();
    entry.readSeq = readSeq;
  }

  /**
   * The version of the preferences is known.
   *
   * @param isSync whether the answer to a sync says so, and not an event or another answer, of
   *     which an older one may come after a newer one
   */
  public synchronized void prefers(long conversation, long version, boolean isSync) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.preferences = isSync ? version : Math.max(version, entry.preferences);
    }
  }

  /** Those who have said something there. */
  public synchronized List<String> speakers(long conversation) {
    Entry entry = entries.get(conversation);
    return entry == null ? List.of() : List.copyOf(entry.speakers);
  }

  public synchronized void begin(
      long conversation, boolean group, String name, long seq, long rev) {
    Entry entry = new Entry(group, name);
    entry.seq = seq;
    entry.rev = rev;
    entry.readSeq = seq;
    entries.put(conversation, entry);
  }

  public synchronized void beginIfNew(long conversation, boolean group, String name) {
    if (!entries.containsKey(conversation)) {
      begin(conversation, group, name, 0, 0);
    }
  }

  /** A change was told. */
  synchronized void changed(long conversation, String name, long rev) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.name = name;
      entry.came(rev);
    }
  }

  /** A reaction of this user was acknowledged as this change. */
  public synchronized void reacted(long conversation, long rev) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.came(rev);
    }
  }

  synchronized void forget(long conversation) {
    entries.remove(conversation);
  }

  public synchronized void has(long conversation, long seq, String from) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.speakers.add(from);
    }
    if (entry != null && seq > entry.seq) {
      entry.beyond.add(seq);
      entry.advance();
    }
  }

  /** There are no messages to read from one seq to another. */
  synchronized void skipTo(long conversation, long from, long to) {
    Entry entry = entries.get(conversation);
    if (entry != null && entry.seq == from && to > from) {
      entry.seq = to;
      entry.advance();
    }
  }

  public synchronized void read(long conversation, long seq) {
    Entry entry = entries.get(conversation);
    if (entry != null) {
      entry.readSeq = Math.max(entry.readSeq, seq);
    }
  }
}
