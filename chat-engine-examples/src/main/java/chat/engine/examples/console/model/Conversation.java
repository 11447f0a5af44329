package chat.engine.examples.console.model;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A person or a group to write to. It has no id before the first message to a person. Thread-safe.
 */
public final class Conversation {
  private static final int MOST_SEEN = 1_000;

  private final boolean group;
  private final Map<Long, SeenMessage> seen = new LinkedHashMap<>();
  private final Map<String, Long> readUpTo = new TreeMap<>();
  private String name;
  private @Nullable String id;
  private List<String> members = List.of();
  private long unread;
  private long oldestShown = Long.MAX_VALUE;
  private long lastOwn;
  private long latest;

  private View view = View.PLAIN;
  private String description = "";

  Conversation(String name, boolean group) {
    this.name = name;
    this.group = group;
  }

  /** A conversation with a person to whom nothing was written yet. */
  public static Conversation begun(String person) {
    return new Conversation(person, false);
  }

  public boolean isGroup() {
    return group;
  }

  public synchronized String name() {
    return name;
  }

  synchronized void rename(String to) {
    name = to;
  }

  /** How people write it: groups begin with {@code #}. */
  public synchronized String label() {
    return group ? "#" + name : name;
  }

  /** Null before the first message to a person. */
  public synchronized @Nullable String id() {
    return id;
  }

  synchronized void begin(String conversationId) {
    id = conversationId;
  }

  /** Those who can be mentioned; of a group, once they are known. */
  public synchronized List<String> members() {
    return group ? members : List.of(name);
  }

  public synchronized void setMembers(List<String> usernames) {
    members = List.copyOf(usernames);
  }

  public synchronized long unread() {
    return unread;
  }

  public synchronized void setUnread(long messages) {
    unread = messages;
  }

  public synchronized void countUnread() {
    unread++;
  }

  /** The seq below which nothing is on the screen, or {@link Long#MAX_VALUE}. */
  public synchronized long oldestShown() {
    return oldestShown;
  }

  /** The history is read from its end again. */
  public synchronized void showNothing() {
    oldestShown = Long.MAX_VALUE;
  }

  public synchronized void shownDownTo(long seq) {
    oldestShown = Math.min(oldestShown, seq);
  }

  /** Remembers a message that is shown, or its later state. */
  public synchronized void see(JsonNode message) {
    SeenMessage now = SeenMessage.of(message);
    latest = Math.max(latest, now.seq());
    seen.remove(now.seq());
    seen.put(now.seq(), now);
    if (seen.size() > MOST_SEEN) {
      seen.remove(seen.keySet().iterator().next());
    }
  }

  /** Null if it was not on the screen, or long ago. */
  public synchronized @Nullable SeenMessage seen(long seq) {
    return seen.get(seq);
  }

  /** All that are remembered, those that were shown last at the end. */
  public synchronized List<SeenMessage> seen() {
    return List.copyOf(seen.values());
  }

  /** A message of this program was stored. */
  public synchronized void sent(long seq) {
    lastOwn = Math.max(lastOwn, seq);
  }

  /** A member has read all up to a message. */
  public synchronized void readUpTo(String member, long seq) {
    readUpTo.merge(member, seq, Math::max);
  }

  /** Who has read the last message, if this program sent it. */
  public synchronized List<String> readers() {
    return lastOwn == 0 || lastOwn < latest
        ? List.of()
        : readUpTo.entrySet().stream()
            .filter(reader -> reader.getValue() >= lastOwn)
            .map(Map.Entry::getKey)
            .toList();
  }

  /** The highest seq that is known; 0 if there is none. */
  public synchronized long latest() {
    return latest;
  }

  public synchronized void reached(long seq) {
    latest = Math.max(latest, seq);
  }

  /**
   * How the user sees it now.
   *
   * @param preferences as in the protocol; an older state than the known one changes nothing
   */
  public synchronized void setView(JsonNode preferences) {
    View told = View.of(preferences);
    view = told.version() < view.version() ? view : told;
  }

  /** How the user sees it as a sync tells, which may be of a new membership. */
  public synchronized void beginView(JsonNode preferences) {
    view = View.of(preferences);
  }

  /** No news of it are shown while another conversation is open. */
  public synchronized boolean isMuted(Instant now) {
    Instant until = view.mutedUntil();
    return until != null && until.isAfter(now);
  }

  /** Until the next message. */
  public synchronized boolean isArchived() {
    Long at = view.archivedAtSeq();
    return at != null && latest <= at;
  }

  public synchronized boolean isPinned() {
    return view.pinned();
  }

  /** What a group is about, or empty. */
  public synchronized String description() {
    return description;
  }

  public synchronized void describe(String said) {
    description = said;
  }
}
